"""The fixtures of the tests of what is served."""

from dothi.core.places.tests.conftest import city_clock

__all__ = ["city_clock"]

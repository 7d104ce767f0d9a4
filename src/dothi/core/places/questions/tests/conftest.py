"""The fixtures of the tests of questions, which are asked of the same county as places'."""

from dothi.core.places.tests.conftest import city_clock, loaded_county

__all__ = ["city_clock", "loaded_county"]

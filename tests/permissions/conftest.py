"""The fixtures of the tests of permissions."""

from tests.permissions.city import city

__all__ = ["city"]

"""A fleet with a platform that stands in for the real one."""

import threading

from simulators.lighting.fleet import Fleet
from simulators.lighting.registration import Registered, register
from simulators.outsider.tests.platform import Platform


def registered(fleet: Fleet, platform: Platform | None = None) -> Registered:
    """Register a fleet, with a platform of its own if none is given."""
    return register(platform or Platform(), fleet, ended=threading.Event())  # type: ignore[arg-type]

"""A Thing as it is named where something is said of it."""

import msgspec


class ThingLabel(msgspec.Struct, frozen=True):
    """A Thing's name, its kind ("" where it names none), whose it is, and whether it is simulated."""

    id: int
    name: str
    kind: str = ""
    department: str = ""
    simulated: bool = False

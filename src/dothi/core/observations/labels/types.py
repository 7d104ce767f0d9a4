"""A Thing as it is named where something is said of it, and Things that belong together."""

import msgspec


class ThingLabel(msgspec.Struct, frozen=True):
    """A Thing's name, its kind ("" where it names none), whose it is, and whether it is simulated."""

    id: int
    name: str
    kind: str = ""
    department: str = ""
    simulated: bool = False


class Gathered(msgspec.Struct, frozen=True):
    """Things of a kind with the same value of a property: its title, which of them were found, and how many there are.

    `count` counts those that the asker may see, found or not.
    """

    value: str
    title: str
    thing_ids: tuple[int, ...]
    count: int

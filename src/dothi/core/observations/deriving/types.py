"""What is derived: series beside those that were measured."""

import msgspec


class DerivedStream(msgspec.Struct, frozen=True):
    """A Datastream that Dothi fills by itself; `by` names the analysis, as `leaks.flow`, and its ObservedProperty.

    `ucum` is the unit's code as UCUM writes it, `symbol` what people read.
    """

    by: str
    name: str
    description: str
    unit: str = "one"
    symbol: str = ""
    ucum: str = "1"


class DerivedThing(msgspec.Struct, frozen=True):
    """A Thing for series that are no readings of the Thing they are about, such as its forecast: one of each kind."""

    kind: str
    of: int
    """The Thing that they are about; the new one stands where it does, and is as public."""
    name: str

"""What can be asked of the record, as a syntax tree that knows neither a wire syntax nor tables."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

import msgspec

DEFAULT_TOP: Final = 100
MAX_TOP: Final = 10_000
"""The longest page of a list."""
MAX_EXPANDED_TOP: Final = 1_000
"""The longest page of a list inside another list."""
COUNTED: Final = 100_000
"""Up to so many a count is exact; of more it is an estimate, unless an exact one is asked for."""
MAX_EXPAND_DEPTH: Final = 8
MAX_EXPANDS: Final = 32
"""How many navigations one request may follow in all."""


class Entity(StrEnum):
    """The kinds of things the record knows, by their names in the standard (OGC 18-088, clause 8; 17-079r1)."""

    THING = "Thing"
    LOCATION = "Location"
    HISTORICAL_LOCATION = "HistoricalLocation"
    DATASTREAM = "Datastream"
    MULTI_DATASTREAM = "MultiDatastream"
    SENSOR = "Sensor"
    OBSERVED_PROPERTY = "ObservedProperty"
    OBSERVATION = "Observation"
    FEATURE_OF_INTEREST = "FeatureOfInterest"
    ACTUATOR = "Actuator"
    TASKING_CAPABILITY = "TaskingCapability"
    TASK = "Task"


class Interval(msgspec.Struct, frozen=True):
    """A span of time between two aware moments."""

    begin: datetime
    end: datetime


class Geometry(msgspec.Struct, frozen=True):
    """A geometry as WKT, in degrees of WGS 84."""

    wkt: str


Scalar = None | bool | int | float | str | datetime | date | time | timedelta | Interval | Geometry


class Literal(msgspec.Struct, frozen=True):
    """A value that stands in the request itself; moments are aware."""

    value: Scalar


class Path(msgspec.Struct, frozen=True):
    """A property, through navigations or into JSON: `("Datastream", "Thing", "properties", "kind")`."""

    steps: tuple[str, ...]


class Comparator(StrEnum):
    """How two values are compared."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"


class Operator(StrEnum):
    """Arithmetic of two values."""

    ADD = "add"
    SUB = "sub"
    MUL = "mul"
    DIV = "div"
    MOD = "mod"


class Connective(StrEnum):
    """How conditions are put together."""

    AND = "and"
    OR = "or"


class Comparison(msgspec.Struct, frozen=True):
    """True or false, never unknown: `null eq null` is true, any order with null is false."""

    operator: Comparator
    left: "Expression"
    right: "Expression"


class Arithmetic(msgspec.Struct, frozen=True):
    """A calculation; null where a part is null, or where it divides by zero."""

    operator: Operator
    left: "Expression"
    right: "Expression"


class Logical(msgspec.Struct, frozen=True):
    """Two or more conditions of which all, or one, must hold."""

    connective: Connective
    arguments: tuple["Expression", ...]


class Not(msgspec.Struct, frozen=True):
    """The condition does not hold."""

    argument: "Expression"


class Call(msgspec.Struct, frozen=True):
    """A function of the standard, by its name there."""

    function: str
    arguments: tuple["Expression", ...]


Expression = Literal | Path | Comparison | Arithmetic | Logical | Not | Call


class Order(msgspec.Struct, frozen=True):
    """One key of an order."""

    expression: Expression
    descending: bool = False


class Expand(msgspec.Struct, frozen=True):
    """A navigation whose entities are wanted within the answer."""

    navigation: str
    options: "Options"


class Options(msgspec.Struct, frozen=True):
    """What is wanted of an entity or a list.

    `after` is the key of the last row seen, its parts as text; `until` is how far the next page of a series reaches in
    time if it goes on as before, which spares looking at all there is. `link` is the options as the link to the next
    page has them. A `count` that need not be `exact` is an estimate where there are many: `estimated`, once it is made.
    With a `width` one value is wanted for each stretch of time that long.
    """

    filter: Expression | None = None
    order: tuple[Order, ...] = ()
    select: tuple[str, ...] = ()
    expand: tuple[Expand, ...] = ()
    top: int | None = None
    skip: int = 0
    count: bool = False
    exact: bool = False
    width: timedelta | None = None
    estimated: int | None = None
    after: tuple[str | None, ...] | None = None
    until: datetime | None = None
    link: str = ""


class Step(msgspec.Struct, frozen=True):
    """One part of the way to what is asked: an entity set, navigation or property, and an id where one is named."""

    name: str
    id: int | None = None


class Form(StrEnum):
    """In which form the answer comes."""

    ENTITIES = "entities"
    REFERENCES = "references"
    COUNT = "count"
    VALUE = "value"
    ROWS = "rows"


class Reach(msgspec.Struct, frozen=True):
    """What whoever asks may see of the record: the Things that meet all of this, and what is theirs.

    `or_public` lets what is public through besides. `areas` let through what stands in one of these areas on `day`,
    of some departments or (None) of all, in place of being of the `departments`. `department` is whose a new Thing is;
    it decides nothing else.
    """

    department: str = ""
    thing_ids: tuple[int, ...] | None = None
    public_only: bool = False
    departments: tuple[str, ...] | None = None
    or_public: bool = False
    areas: tuple[tuple[str, tuple[str, ...] | None], ...] = ()
    day: date = date.min


class Query(msgspec.Struct, frozen=True):
    """A whole question: `steps` lead to an entity, a list, or a property of an entity and a part of that.

    `base` is the address that links begin with; it has no slash at its end. Without a `reach` everything is seen.
    `barred` are entities that whoever asks may not see at all.
    """

    steps: tuple[Step, ...]
    base: str
    options: Options = Options()
    form: Form = Form.ENTITIES
    reach: Reach | None = None
    barred: frozenset[Entity] = frozenset()

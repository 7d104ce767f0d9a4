"""Observations that come by HTTP: one, many as rows, or within the Datastream that is being made."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec

from dothi.core.accounts.types import Actor
from dothi.core.observations import rules
from dothi.core.observations.entities.types import (
    MAX_ENTITIES,
    Created,
    NewDatastream,
    NewEntity,
    NewFeatureOfInterest,
    NewMultiDatastream,
    NewSeries,
)
from dothi.core.observations.query.types import Step
from dothi.core.observations.service import CREATE_OBSERVATION, CREATE_THING, Record
from dothi.core.observations.types import NewObservation, Outcome, Stored
from dothi.core.observations.widths import check_width
from dothi.kernel import clock
from dothi.kernel.errors import InvalidInput, NotFound
from dothi.protocols.sensorthings import observation
from dothi.protocols.sensorthings.bodies import decode
from dothi.protocols.sensorthings.observation import ObservationBody, Reference

MAX_ROWS: Final = 100_000
"""How many Observations one request may bring."""
_EXACT: Final = 2**53
_NO_ID: Final = 0
"""The id in an answer about a Datastream that is not there."""
_UNKNOWN: Final = "error: there is no such Datastream"


class DeepBody(ObservationBody):
    """An Observation that brings its FeatureOfInterest or Datastream along."""

    datastream: NewDatastream | None = msgspec.field(name="Datastream", default=None)  # type: ignore[assignment]
    multi_datastream: NewMultiDatastream | None = msgspec.field(name="MultiDatastream", default=None)  # type: ignore[assignment]
    feature: NewFeatureOfInterest | None = msgspec.field(name="FeatureOfInterest", default=None)  # type: ignore[assignment]


class Rows(msgspec.Struct):
    """Observations of one Datastream as rows (OGC 18-088, clause 12)."""

    components: list[str]
    rows: list[list[Any]] = msgspec.field(name="dataArray")
    datastream: Reference | None = msgspec.field(name="Datastream", default=None)
    multi_datastream: Reference | None = msgspec.field(name="MultiDatastream", default=None)
    count: int | None = msgspec.field(name="dataArray@iot.count", default=None)


class _Pair(msgspec.Struct, array_like=True, forbid_unknown_fields=True, gc=False):
    """The row that nearly all send: a time, and a number that a double holds exactly."""

    time: str
    result: Annotated[float, msgspec.Meta(gt=-_EXACT, lt=_EXACT)]


class _Pairs(msgspec.Struct, gc=False):
    """Rows of the frequent form; whatever differs from it is read as `Rows`."""

    components: tuple[Literal["phenomenonTime"], Literal["result"]]
    rows: list[_Pair] = msgspec.field(name="dataArray")
    datastream: Reference = msgspec.field(name="Datastream")
    count: int | None = msgspec.field(name="dataArray@iot.count", default=None)


_deep: Final = msgspec.json.Decoder(DeepBody)
_rows: Final = msgspec.json.Decoder(list[Rows])
_pairs: Final = msgspec.json.Decoder(list[_Pairs])


async def store(record: Record, actor: Actor, steps: tuple[Step, ...], body: bytes) -> tuple[Stored, NewObservation]:
    """Store the Observation of a body at a path. Raises InvalidInput, NotFound for a path's Datastream, Overloaded."""
    datastream_id, feature_id = _parent(steps)
    is_named = datastream_id is not None
    try:
        row = _about(observation.decode(body, datastream_id=datastream_id), feature_id)
    except InvalidInput:
        async with record.undivided():
            row = _about(await bring(record, actor, decode(_deep, body), datastream_id), feature_id)
            return await store_one(record, actor, row, is_named=is_named), row
    return await store_one(record, actor, row, is_named=is_named), row


def _about(row: NewObservation, feature_id: int | None) -> NewObservation:
    return row if feature_id is None else msgspec.structs.replace(row, feature_id=feature_id)


async def store_one(record: Record, actor: Actor, row: NewObservation, *, is_named: bool) -> Stored:
    """Store an Observation; `is_named` says that the address names its Datastream, which is not found if not there.

    Raises Forbidden or Unauthenticated, NotFound, InvalidInput, Overloaded, Unavailable.
    """
    if row.feature_id is None:
        await record.see_place(actor, row.datastream_id)
    (stored,) = await record.write(actor, [row])
    if stored.outcome is Outcome.UNKNOWN_DATASTREAM:
        message = f"there is no Datastream {row.datastream_id}"
        raise NotFound(message) if is_named else InvalidInput(message, place="Datastream")
    return stored


def _parent(steps: tuple[Step, ...]) -> tuple[int | None, int | None]:
    """Give the ids of the Datastream and of the feature that a path names. Raises NotFound."""
    if len(steps) == 1:
        return None, None
    name, number = steps[-2].name, steps[-2].id
    if number is not None and name in ("Datastreams", "MultiDatastreams"):
        return number, None
    if number is not None and name == "FeaturesOfInterest":
        return None, number
    raise NotFound("Observations are made at a Datastream or a FeatureOfInterest")


def read_feature(body: bytes, error: InvalidInput) -> DeepBody:
    """Read an Observation that brings its FeatureOfInterest along. Raises `error` for one that brings no or more."""
    try:
        deep: DeepBody = decode(_deep, body)
    except InvalidInput as own:
        raise error from own
    series = (deep.datastream, deep.multi_datastream)
    if deep.feature is None or deep.feature.id is not None or any(each and each.id is None for each in series):
        raise error
    return deep


async def bring(record: Record, actor: Actor, deep: DeepBody, datastream_id: int | None) -> NewObservation:
    """Make what an Observation brings along, within undivided work of the caller. Raises Forbidden, InvalidInput.

    A FeatureOfInterest is no more than a part of what is said: who may send Observations may bring it.
    """
    observation.to_observation(_flat(deep, {"datastream": 1}), datastream_id=None)
    named = {name: getattr(deep, name) for name in ("datastream", "multi_datastream", "feature")}
    links = {name: part.id for name, part in named.items() if part is not None and part.id is not None}
    new = {name: part for name, part in named.items() if part is not None and part.id is None}
    needed = CREATE_OBSERVATION if new.keys() == {"feature"} else CREATE_THING
    made = await record.create(actor, *new.values(), permission=needed) if new else []
    links |= {name: created.id for name, created in zip(new, made, strict=True)}
    return observation.to_observation(_flat(deep, links), datastream_id=datastream_id)


def _flat(deep: DeepBody, links: dict[str, int]) -> ObservationBody:
    fields = {name: getattr(deep, name) for name in ObservationBody.__struct_fields__}
    fields |= {"datastream": None, "multi_datastream": None, "feature": None}
    return ObservationBody(**fields | {name: Reference(id=number) for name, number in links.items()})


class _Represented(msgspec.Struct):
    """An Observation as an answer shows it."""

    address: str = msgspec.field(name="@iot.selfLink")
    id: int = msgspec.field(name="@iot.id")
    phenomenon_time: datetime | str = msgspec.field(name="phenomenonTime")
    result_time: datetime | None = msgspec.field(name="resultTime")
    result: float | msgspec.Raw | None
    datastream: str = msgspec.field(name="Datastream@iot.navigationLink")
    feature: str = msgspec.field(name="FeatureOfInterest@iot.navigationLink")


def represent(stored: Stored, row: NewObservation, address: str) -> bytes:
    """Give the JSON of an Observation that has just been stored, without asking the database again."""
    time, end = row.phenomenon_time, row.phenomenon_end
    return msgspec.json.encode(
        _Represented(
            address=address,
            id=stored.id,
            phenomenon_time=time if end is None else f"{_iso(time)}/{_iso(end)}",
            result_time=row.result_time,
            result=row.result if row.result_json is None else msgspec.Raw(row.result_json.encode()),
            datastream=f"{address}/Datastream",
            feature=f"{address}/FeatureOfInterest",
        )
    )


def _iso(moment: datetime) -> str:
    return str(msgspec.to_builtins(moment))


async def store_rows(record: Record, actor: Actor, body: bytes, *, base: str) -> bytes:
    """Store Observations given as rows; gives the JSON list of their addresses, or of what is wrong with a row.

    Raises InvalidInput for a body that can't be read at all, Overloaded.
    """
    frequent = read_pairs(body)
    if frequent is not None and not await record.fetch_widths(row.datastream_id for row in frequent):
        return _addresses(await record.write(actor, frequent) if frequent else [], base)
    groups: list[Rows] = decode(_rows, body)
    if sum(len(group.rows) for group in groups) > MAX_ROWS:
        raise InvalidInput(f"more than {MAX_ROWS} rows in one request", place="dataArray")
    answers: list[str] = []
    read: dict[int, NewObservation] = {}
    readers = [_Reader(group, f"$[{number}]") for number, group in enumerate(groups)]
    widths = await _widths_of(record, actor, [reader.datastream_id for reader in readers])
    for reader, group in zip(readers, groups, strict=True):
        for values in group.rows:
            try:
                row = reader.row(values)
                check_width(row, widths)
                read[len(answers)] = row
                answers.append("")
            except InvalidInput as error:
                answers.append(f"error: {error}")
    stored = await record.write_each(actor, [*read.values()]) if read else []
    for (place, row), answer in zip(read.items(), stored, strict=True):
        answers[place] = _answer(answer, row, base)
    return msgspec.json.encode(answers)


async def _widths_of(record: Record, actor: Actor, datastream_ids: list[int]) -> dict[int, int]:
    """Give how many values a result of each MultiDatastream has; those beyond an actor's limits are not there."""
    widths = await record.fetch_widths(datastream_ids)
    if not widths or not actor.is_limited:
        return widths
    reached = await record.find_reached(actor, widths.keys())
    return {number: width for number, width in widths.items() if number in reached}


def _answer(stored: Stored, row: NewObservation, base: str) -> str:
    """Give the address of what is stored, or what is wrong with it."""
    match stored.outcome:
        case Outcome.UNKNOWN_DATASTREAM:
            return _UNKNOWN
        case Outcome.UNKNOWN_FEATURE:
            return f"error: there is no FeatureOfInterest {row.feature_id}"
    return f"{base}/Observations({stored.id})"


def read_pairs(body: bytes) -> list[NewObservation] | None:
    """Read rows of the frequent form; None where anything differs from it, so that it is read with more care."""
    try:
        groups: list[_Pairs] = _pairs.decode(body)
        parse = datetime.fromisoformat
        found = [
            NewObservation(group.datastream.id, parse(row.time), row.result) for group in groups for row in group.rows
        ]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if len(found) > MAX_ROWS or any(row.phenomenon_time.tzinfo is None for row in found):
        return None
    return found


def _addresses(answers: list[Stored], base: str) -> bytes:
    """Give the JSON list of the addresses of what is stored."""
    ids = [stored.id for stored in answers]
    if _NO_ID in ids or not ids:
        texts = [_UNKNOWN if number == _NO_ID else f"{base}/Observations({number})" for number in ids]
        return msgspec.json.encode(texts)
    start = msgspec.json.encode(f"{base}/Observations(").decode()[:-1]
    between = f')",{start}'
    return f'[{start}{between.join(map(str, ids))})"]'.encode()


class _Reader:
    """Reads the rows of one group. Raises InvalidInput for components that are not known."""

    def __init__(self, group: Rows, place: str) -> None:
        reference = group.datastream or group.multi_datastream
        if reference is None:
            raise InvalidInput("the group names no Datastream", place=f"{place}.Datastream")
        self.datastream_id = reference.id
        self._components = group.components
        unknown = set(group.components) - _COMPONENTS.keys()
        if unknown or len(set(group.components)) < len(group.components) or "result" not in group.components:
            message = f"components are result and some of {', '.join(_COMPONENTS)}, each once"
            raise InvalidInput(message, place=f"{place}.components")

    def row(self, values: list[Any]) -> NewObservation:
        """Read one row. Raises InvalidInput."""
        if len(values) != len(self._components):
            raise InvalidInput(f"a row has {len(values)} values for {len(self._components)} components")
        found: dict[str, Any] = {}
        for name, value in zip(self._components, values, strict=True):
            _COMPONENTS[name](found, value)
        found.setdefault("phenomenon_time", None)
        found["phenomenon_time"] = found["phenomenon_time"] or clock.now()
        return NewObservation(datastream_id=self.datastream_id, **found)


def _result(found: dict[str, Any], value: object) -> None:
    if isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < _EXACT):
        found["result"] = float(value)
    else:
        found["result_json"] = observation.check_json(msgspec.json.encode(value), "result")


def _span(begin: str, end: str, place: str) -> Any:  # noqa: ANN401  a function that fills a row
    def fill(found: dict[str, Any], value: object) -> None:
        if value is None:
            return
        if not isinstance(value, str):
            raise InvalidInput(f"{place} must be a text", place=place)
        first, slash, second = value.partition("/")
        found[begin] = observation.parse_time(first, place)
        if slash:
            found[end] = observation.parse_time(second, place)
            if found[end] < found[begin]:
                raise InvalidInput(f"{place} ends before it begins", place=place)

    return fill


def _result_time(found: dict[str, Any], value: object) -> None:
    if value is not None:
        found["result_time"] = observation.parse_time(str(value), "resultTime")


def _feature(found: dict[str, Any], value: object) -> None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 1 <= value < 2**63):
        raise InvalidInput("FeatureOfInterest/id must be a whole number from 1", place="FeatureOfInterest/id")
    found["feature_id"] = value


def _json_of(field: str, place: str) -> Any:  # noqa: ANN401  a function that fills a row
    def fill(found: dict[str, Any], value: object) -> None:
        if value is not None:
            found[field] = observation.check_json(msgspec.json.encode(value), place)

    return fill


_COMPONENTS: Final[dict[str, Any]] = {
    "phenomenonTime": _span("phenomenon_time", "phenomenon_end", "phenomenonTime"),
    "result": _result,
    "resultTime": _result_time,
    "resultQuality": _json_of("result_quality", "resultQuality"),
    "validTime": _span("valid_from", "valid_to", "validTime"),
    "parameters": _json_of("parameters", "parameters"),
    "FeatureOfInterest/id": _feature,
}


def check_nested(new: NewEntity) -> bool:
    """Tell whether a new entity brings Observations. Raises InvalidInput when one of them can't be stored."""
    found, features = False, 0
    waiting: list[object] = [new]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, NewEntity):
            waiting += [getattr(part, name) for name in part.__struct_fields__]
            for raw in part.observations if isinstance(part, NewSeries) else ():
                row, feature = _nested(bytes(raw), datastream_id=1)
                rules.check_time(row.phenomenon_time, now=clock.now())
                found = True
                features += feature is not None
    if features > MAX_ENTITIES:
        raise InvalidInput(f"more than {MAX_ENTITIES} entities in one request", place="FeatureOfInterest")
    return found


def _nested(raw: bytes, *, datastream_id: int) -> tuple[NewObservation, NewFeatureOfInterest | None]:
    """Read an Observation that comes with its Datastream, and the FeatureOfInterest that it brings, if it does."""
    try:
        return observation.decode(raw, datastream_id=datastream_id), None
    except InvalidInput as error:
        deep = read_feature(raw, error)
    return observation.to_observation(_flat(deep, {}), datastream_id=datastream_id), deep.feature


async def store_nested(record: Record, actor: Actor, made: Created) -> None:
    """Store the Observations that a new entity brought along, within undivided work of the caller.

    Raises Forbidden, InvalidInput for a FeatureOfInterest that can't be made, Unavailable.
    """
    nested = [_nested(bytes(raw), datastream_id=number) for number, raw in made.observations]
    new = [feature for _, feature in nested if feature is not None]
    created = await record.create(actor, *new, permission=CREATE_OBSERVATION) if new else []
    ids = iter([each.id for each in created])
    rows = [row if feature is None else _about(row, next(ids)) for row, feature in nested]
    await record.write(actor, rows)

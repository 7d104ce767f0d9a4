"""One function for each decoder that reads what others wrote: bytes in; raises only if the decoder has a fault."""

import contextlib
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec

from dothi.config import environment
from dothi.config.authenticate import token_of
from dothi.config.backup import archive
from dothi.config.city import load_city
from dothi.core.accounts import rules as accounts
from dothi.core.live.service import Hub
from dothi.core.observations import entities, quality, units
from dothi.core.observations.deadletters.rules import excerpt_of, tidy
from dothi.core.observations.query.statement import compile_query
from dothi.core.observations.query.types import Options, Query
from dothi.core.observations.types import Outcome, Stored
from dothi.kernel import clock, events
from dothi.kernel.errors import DothiError, InvalidInput
from dothi.kernel.manifest import read_manifest
from dothi.protocols.mqtt.connection import parse_url
from dothi.protocols.mqtt.ingest import parent_of
from dothi.protocols.mqtt.topics import read_topic, subscribed
from dothi.protocols.sensorthings import address, bodies, observation, observing
from dothi.protocols.sensorthings.expansions import check_size
from dothi.protocols.sensorthings.wording import with_link
from dothi.protocols.sse.routes import parse_bbox
from tests.fuzz import doubles, files
from tests.fuzz.doubles import ACTOR, finish

Target = Callable[[bytes], None]
_refused: Final = contextlib.suppress(DothiError)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def observation_json(data: bytes) -> None:
    """An Observation, as MQTT and HTTP bring it."""
    with _refused:
        row = observation.decode(data, datastream_id=1)
        finish(doubles.Record().write(ACTOR, [row]))
        shown = msgspec.json.decode(observing.represent(Stored(1, Outcome.STORED), row, "http://a/Observations(1)"))
        text = row.result_json
        assert shown["result"] == (row.result if text is None else msgspec.json.decode(text))


def observation_deep(data: bytes) -> None:
    """An Observation that brings its Datastream and feature along."""
    steps, _ = address.parse_path("Observations")
    with _refused:
        finish(observing.store(doubles.Record(), ACTOR, steps, data))  # type: ignore[arg-type]


def observation_rows(data: bytes) -> None:
    """Observations as rows: what the quick reader takes, the careful one takes the same way."""
    with _refused:
        record = doubles.Record()
        answers = finish(observing.store_rows(record, ACTOR, data, base="http://a"))  # type: ignore[arg-type]
        assert all(isinstance(answer, str) for answer in msgspec.json.decode(answers))
        quick = observing.read_pairs(data)
        if quick:
            groups = bodies.decode(msgspec.json.Decoder(list[observing.Rows]), data)
            careful = [observing._Reader(group, "").row(values) for group in groups for values in group.rows]
            assert quick == careful


def entity(data: bytes) -> None:
    """A new entity of any set, with all it brings; the first line names the set."""
    names = sorted(bodies._KINDS)
    name, _, body = data.partition(b"\n")
    steps, _ = address.parse_path(_text(name) if _text(name) in names else names[len(name) % len(names)])
    with _refused:
        new = bodies.decode_entity(steps, body)
        observing.check_nested(new)
        made = finish(entities.create(doubles.Connection(), new))  # type: ignore[arg-type]
        finish(observing.store_nested(doubles.Record(), ACTOR, made))  # type: ignore[arg-type]


def question(data: bytes) -> None:
    """An address: path, options and what they compile to in either version; a line break parts the two."""
    path, _, query = _text(data).partition("\n")
    for base in ("http://a/v1.1", "http://a/v1.0"):
        with _refused:
            asked = address.parse_query(path, query, base=base)
            compiled = compile_query(asked)
            compiled.sql.decode()


def options(data: bytes) -> None:
    """The expressions of each option, on one entity set after the other."""
    text = _text(data)
    for name in ("$filter", "$orderby", "$select", "$expand"):
        field, read = address._READERS[name]
        with _refused:
            found = read(text)
            check_size(found if name == "$expand" else ())
            for set_name in ("Things", "Observations", "Datastreams"):
                steps, _ = address.parse_path(set_name)
                given = with_link(Options(**{field: found}))
                with _refused:
                    compile_query(Query(steps=steps, base="", options=given)).sql.decode()


def topic(data: bytes) -> None:
    """A topic, and what is kept of a message that can't be used."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        parent_of(text)
    except InvalidInput as error:
        doubles.check_values(tidy(f"mqtt:{text}", str(error), data))
        assert excerpt_of(data).isprintable()


def subscription(data: bytes) -> None:
    """What the broker says of a subscription, and the topic in it."""
    for found in subscribed(_text(data)):
        assert read_topic(found.text) == found
        found.pick(b'{"@iot.id":1,"name":"x"}')


def authorization(data: bytes) -> None:
    """The header that carries a key, and the key's parts as the database is asked for them."""
    with _refused:
        token = token_of(data.decode("latin-1"))
        accounts.hash_secret(token)
        parts = accounts.split_token(token)
        if parts is not None:
            doubles.check_values(parts)


def unit(data: bytes) -> None:
    """A unit of measurement."""
    code = units.ucum_of(data)
    assert code is None or code.isprintable()


def configuration(data: bytes) -> None:
    """The properties that carry a quality configuration."""
    with _refused:
        quality.check_properties(data)


def bus_event(data: bytes) -> None:
    """An event of the bus, and what the live view makes of it."""
    with contextlib.suppress(msgspec.MsgspecError):
        event = events.decode(data)
        Hub(doubles.Record(), []).hear(event)  # type: ignore[arg-type]
        events.decode(events.encode(event))


def settings(data: bytes) -> None:
    """The clock's text and the addresses of brokers."""
    text = _text(data)
    with contextlib.suppress(ValueError):
        found = clock.parse(text)
        assert abs(clock.parse(found.format()).city_anchor - found.city_anchor) < timedelta(seconds=1)
    with contextlib.suppress(ValueError):
        parse_url(text)
    with contextlib.suppress(ValueError):
        environment.read({"DOTHI_CLOCK": text, "DOTHI_PORT": text, "DOTHI_RAW_GB": text})


def live_view(data: bytes) -> None:
    """What a client of the live view asks for, and where it says that it stands."""
    text = data.decode("latin-1")
    with _refused:
        parse_bbox(text)
    hub = Hub(doubles.Record(), [])  # type: ignore[arg-type]
    hub._position(f"{hub.epoch}:{text}")


def described(data: bytes) -> None:
    """The TOML of a manifest and of a city."""
    with tempfile.TemporaryDirectory(prefix="dothi-fuzz-") as name:
        for file, read in (("manifest.toml", read_manifest), ("city.toml", lambda path: load_city(str(path.parent)))):
            path = Path(name, file)
            path.write_bytes(data)
            with contextlib.suppress(ValueError):
                read(path)


def backup(data: bytes) -> None:
    """The file of a backup."""
    with tempfile.TemporaryDirectory(prefix="dothi-fuzz-") as name:
        path, folder = Path(name, "backup"), Path(name, "out")
        path.write_bytes(data)
        folder.mkdir()
        with _refused:
            manifest = archive.verify(path)
            archive.unpack(path, folder, manifest.members)
        assert {child.name for child in Path(name).iterdir()} == {"backup", "out"}


TARGETS: Final[dict[str, Target]] = {
    "observation": observation_json,
    "observation_deep": observation_deep,
    "observation_rows": observation_rows,
    "entity": entity,
    "question": question,
    "options": options,
    "topic": topic,
    "subscription": subscription,
    "authorization": authorization,
    "unit": unit,
    "configuration": configuration,
    "bus_event": bus_event,
    "settings": settings,
    "live_view": live_view,
    "described": described,
    "backup": backup,
    "mapping": files.mapping,
    "cells": files.cells,
    "csv": files.csv,
    "parquet": files.parquet,
    "parquet_raw": files.parquet_raw,
}

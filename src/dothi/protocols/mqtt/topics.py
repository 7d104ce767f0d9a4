"""The topics that subscribers may name (OGC 18-088, 14.2): sets, entities and properties, and what is selected."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from dothi.core.observations.query import shape_of
from dothi.core.observations.query.output import Selection
from dothi.core.observations.query.tables import TABLES
from dothi.core.observations.query.types import Entity, Form, Options, Step
from dothi.kernel.errors import InvalidInput, NotFound
from dothi.protocols.sensorthings import address

PREFIX: Final = "v1.1/"
LONGEST: Final = 900
"""In bytes: the broker cuts off what it says of a longer one."""
ROOTS: Final = ("Things", "Datastreams", "MultiDatastreams", "TaskingCapabilities")
"""What a topic of a limited subscriber begins with, one of these with its id: then it speaks of that Thing alone."""
_STREAMS: Final = ("Datastreams", "MultiDatastreams")
_SUBSCRIBED: Final = re.compile(r"(?= [012] (v1\.1/.+))", re.DOTALL)
_UNUSABLE: Final = re.compile(r"[+#\0]")


class Topic(msgspec.Struct, frozen=True):
    """A topic read: the way to what it is about, into which property, and what is selected; all, where nothing is."""

    text: str
    steps: tuple[Step, ...]
    entity: Entity
    is_list: bool
    into: tuple[str, ...] = ()
    select: tuple[str, ...] = ()

    @property
    def root(self) -> Step | None:
        """The entity that a topic of one Thing begins with."""
        first = self.steps[0]
        return first if first.name in ROOTS and first.id is not None else None

    @property
    def named(self) -> frozenset[tuple[str, int]]:
        """The entities that the way names, by their kinds and ids."""
        return frozenset(_named(self.steps))

    @property
    def stream(self) -> tuple[Entity, int] | None:
        """The Datastream whose Observations the topic is about, where the way names no more than that."""
        if self.entity is not Entity.OBSERVATION or not self.is_list or len(self.steps) != 2:
            return None
        first = self.steps[0]
        if first.name not in _STREAMS or first.id is None:
            return None
        return (Entity.DATASTREAM if first.name == _STREAMS[0] else Entity.MULTI_DATASTREAM), first.id

    @property
    def last_id(self) -> int | None:
        """The id of the Datastream before a way's end, where the way names it there."""
        before = self.steps[-2] if len(self.steps) > 1 else None
        return before.id if before is not None and before.name in _STREAMS else None

    @property
    def is_everything(self) -> bool:
        """Whether the topic is about all Observations there are."""
        return self.entity is Entity.OBSERVATION and self.is_list and len(self.steps) == 1

    def pick(self, entity: bytes) -> bytes:
        """Give what the topic selects of an entity's JSON object."""
        if not self.select:
            return entity
        found: Mapping[str, msgspec.Raw] = _members.decode(entity)
        return msgspec.json.encode({name: found[name] for name in self._names() if name in found})

    def _names(self) -> Iterator[str]:
        table = TABLES[self.entity]
        for name in self.select:
            if name in ("id", "selfLink"):
                yield f"@iot.{name}"
            elif table.find_navigation(name):
                yield f"{name}@iot.navigationLink"
            else:
                yield name


_members: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _named(steps: tuple[Step, ...]) -> Iterator[tuple[str, int]]:
    for place, step in enumerate(steps, start=1):
        if step.id is not None:
            yield shape_of(steps[:place]).entity.value, step.id


def read_topic(text: str) -> Topic:
    """Read a topic. Raises InvalidInput or NotFound for one that nothing is published on.

    Commands are told as whole sets alone, which is what the broker can keep from those who may not see them.
    """
    if not text.startswith(PREFIX) or len(text.encode()) > LONGEST or _UNUSABLE.search(text):
        raise InvalidInput("nothing is published on such a topic", place="topic")
    path, mark, query = text.removeprefix(PREFIX).partition("?")
    steps, form = address.parse_path(path)
    options, result_format = address.parse_options(query)
    if form is not Form.ENTITIES or result_format or options != _selecting(options):
        raise InvalidInput("a topic is a path, with $select at most", place="topic")
    shape = shape_of(steps)
    if (mark and not options.select) or (options.select and not shape.is_list):
        raise InvalidInput("$select goes with an entity set", place="$select")
    if shape.entity is Entity.TASK and (not shape.is_list or mark):
        raise InvalidInput("of commands whole sets alone are told", place="topic")
    if shape.property and TABLES[shape.entity].find_field(shape.property[0]) is None:
        raise NotFound(f"{shape.entity} has no {shape.property[0]}")
    Selection(TABLES[shape.entity], options.select)
    return Topic(text, steps, shape.entity, shape.is_list, shape.property, options.select)


def _selecting(options: Options) -> Options:
    return Options(select=options.select, link=options.link)


def subscribed(line: str) -> Iterator[Topic]:
    """Give the topics that the broker may mean when it says that somebody subscribed.

    It says `TIME: CLIENT QOS TOPIC`, and a client's name may hold anything. A topic that nobody subscribed costs one
    message, after which it is known that nobody listens.
    """
    for found in _SUBSCRIBED.finditer(line):
        try:
            yield read_topic(found[1])
        except (InvalidInput, NotFound):
            continue


def property_of(topic: Topic, value: bytes | None) -> bytes:
    """Give a property as a message has it: null where it has no value."""
    return value or msgspec.json.encode({topic.into[-1]: None})

"""With whose eyes a topic is read: one that begins with a Thing, or with what is one Thing's, speaks of that alone."""

from collections.abc import Sequence, Set
from datetime import datetime
from typing import Final

import msgspec

from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.observations.query.types import (
    Comparator,
    Comparison,
    Connective,
    Entity,
    Form,
    Literal,
    Logical,
    Options,
    Path,
    Query,
    Step,
)
from dothi.core.observations.service import VIEW, VIEW_TASK, Record
from dothi.protocols.mqtt.topics import Topic

_SEES: Final = frozenset({VIEW, VIEW_TASK})


def among(rows: Sequence[tuple[int, int, datetime]]) -> Options:
    """Give the options that leave those Observations alone; the earliest time leaves out partitions before it."""
    since = Comparison(Comparator.GE, Path(("phenomenonTime",)), Literal(min(row[2] for row in rows)))
    named = [Comparison(Comparator.EQ, Path(("id",)), Literal(row[0])) for row in rows]
    one = named[0] if len(named) == 1 else Logical(Connective.OR, tuple(named))
    return Options(filter=Logical(Connective.AND, (since, one)), top=len(rows))


class View:
    """Reads for topics. The broker lets limited keys listen below their own Things and what is theirs alone."""

    def __init__(self, record: Record, *, base: str) -> None:
        self._record = record
        self._base = base
        self._things: dict[Step, int] = {}

    def doubt(self, kind: str, number: int) -> None:
        """Know that an entity changed: a Datastream may be another Thing's now."""
        for step in [each for each in self._things if each.id == number]:
            self._things.pop(step)

    def concerns(self, topic: Topic, touched: Set[tuple[str, int]]) -> bool:
        """Tell whether what was touched may be what an entity's or property's topic is about, or lead there."""
        kind = topic.entity.value
        return any(each in touched for each in topic.named) or (
            topic.steps[-1 - len(topic.into)].id is None and any(each[0] == kind for each in touched)
        )

    async def read(self, topic: Topic, asked: Query) -> bytes | None:
        """Answer a question for a topic; None for what is not there, or not the Thing's. Raises Unavailable."""
        root = topic.root
        if root is None:
            return await self._record.read(SYSTEM, asked)
        thing = await self._thing_of(root)
        if thing is None:
            return None
        eyes = Actor(kind="key", reference="key:", permissions=_SEES, thing_ids=frozenset({thing}))
        return await self._record.read(eyes, asked)

    async def _thing_of(self, root: Step) -> int | None:
        if root.name == "Things":
            return root.id
        if root not in self._things:
            steps = (root, Step(Entity.THING.value))
            found = await self._record.read(SYSTEM, Query(steps=steps, base="", form=Form.REFERENCES))
            if found is None:
                return None
            link: str = msgspec.json.decode(found)["@iot.selfLink"]
            self._things[root] = int(link.rpartition("(")[2].rstrip(")"))
        return self._things[root]

"""Who may have sent what stands on a topic: the broker lets in those who may, and does not say who it was."""

from time import monotonic
from typing import Final

import msgspec

from dothi.core.accounts import service as accounts
from dothi.core.accounts.apart import apart
from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.observations.service import CREATE_OBSERVATION, Record

KEPT_S: Final = 1.0
"""Wall seconds for which it is known which keys there are."""
_list_keys: Final = apart(accounts.list_keys)


class Publishers:
    """Tells for whom an Observation on the topic of a Datastream is stored where it names what not all may see."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._limited: list[Actor] = []
        self._found: dict[int, Actor] = {}
        self._read_at = float("-inf")

    async def find(self, datastream_id: int) -> Actor:
        """Give who sees no more than each that is limited and may publish there; Dothi itself where nobody is.

        Raises Unavailable.
        """
        if monotonic() - self._read_at > KEPT_S:
            began = monotonic()
            keys = await _list_keys(SYSTEM)
            actors = [key.actor for key in keys if key.revoked_at is None]
            self._limited = [each for each in actors if each.is_limited and each.may(CREATE_OBSERVATION)]
            self._found, self._read_at = {}, began
        if not self._limited:
            return SYSTEM
        if datastream_id not in self._found:
            self._found[datastream_id] = await self._narrowest(datastream_id)
        return self._found[datastream_id]

    async def _narrowest(self, datastream_id: int) -> Actor:
        stream = (await self._record.find_datastreams([datastream_id])).get(datastream_id)
        if stream is None:
            return SYSTEM
        able = [each for each in self._limited if each.may_touch(stream.thing_id, department=stream.department)]
        if len(able) > 1:
            # Of all of them it is known that they see this Thing.
            return msgspec.structs.replace(able[0], reference="", thing_ids=frozenset({stream.thing_id}))
        return able[0] if able else SYSTEM

"""Keeps the brokers in step with the record: what a limited key may do and hear there follows its Things."""

import logging
from typing import Final

from dothi.config.keys import hearing_of_keys, rights_of_keys
from dothi.core.accounts.apart import apart
from dothi.kernel.errors import Unavailable
from dothi.kernel.events import Event, KeysChanged, ThingsChanged
from dothi.protocols.mqtt import rights

log: Final = logging.getLogger(__name__)


class RightsKeeper:
    """Notes that Things changed, and brings the broker's rights up to date when asked to."""

    def __init__(self, url: str, *, out_url: str = "") -> None:
        self._url = url
        self._out_url = out_url
        self._is_due = True

    def hear(self, event: Event) -> None:
        """Take an event from the bus."""
        is_tree_changed = isinstance(event, KeysChanged) and not event.key_ids
        self._is_due |= isinstance(event, ThingsChanged) or is_tree_changed

    def miss(self) -> None:
        """Know that events may have been missed."""
        self._is_due = True

    async def keep(self) -> None:
        """Bring the rights up to date, if anything may have changed; what fails now is tried again the next time."""
        if not (self._is_due and (self._url or self._out_url)):
            return
        self._is_due = False
        try:
            if self._url:
                await rights.change(self._url, await apart(rights_of_keys)())
            if self._out_url:
                await rights.change(self._out_url, await apart(hearing_of_keys)())
        except Unavailable as error:
            log.info("the rights of keys are not up to date yet: %s", error)
            self._is_due = True

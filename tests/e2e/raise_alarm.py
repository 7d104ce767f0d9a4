"""Raises or clears one alarm as a worker does, in a process of its own: `python -m tests.e2e.raise_alarm WORD`."""

import asyncio
import sys

from dothi.config import process
from dothi.kernel import clock
from dothi.kernel.events import Event
from dothi.protocols.mqtt.bus import send_once

RULE = "lighting.lamp.failed"
THING = 1


def main(word: str) -> None:
    """Take in one finding about the first Thing, and tell the city."""
    environment = process.prepare()
    from dothi.core.alarms import service  # noqa: PLC0415 (needs Django to be set up)
    from dothi.core.alarms.types import Clear, Condition, Raise, RuleOf  # noqa: PLC0415
    from dothi.kernel.manifest import AlarmRule, Names  # noqa: PLC0415

    names = Names(vi="Đèn không sáng", en="Lamp out")
    rule = AlarmRule(id=RULE, names=names, priority=1)
    found = RuleOf(rule=rule, domain="lighting", names=names, owner=names, icon="bulb")
    service.rules_by_id = lambda: {RULE: found}  # type: ignore[assignment]
    told: list[Event] = []
    now = clock.now()
    change = Raise(Condition(RULE, THING, now)) if word == "raise" else Clear(RULE, THING, "", now)
    service.apply("e2e", [change], watermark=now, publish=told.append)
    for event in told:
        asyncio.run(send_once(environment.mqtt_out_url, event))


if __name__ == "__main__":
    main(sys.argv[1])

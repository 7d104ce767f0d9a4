"""The bus over a real broker: every process hears, a gap shows, and a process that dies is told."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from dothi.config.servers.mosquitto import PrivateMosquitto
from dothi.kernel import events
from dothi.kernel.events import Event, ObservationsStored, ProcessState, TasksChanged, ThingsChanged
from dothi.protocols.mqtt.bus import Bus
from dothi.protocols.mqtt.connection import Message


def nothing(_messages: Sequence[Message]) -> None:
    """Acknowledge to nobody."""


Brokers = tuple[PrivateMosquitto, PrivateMosquitto]


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, which another task makes true."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0)


async def test_what_one_process_publishes_the_others_hear(brokers: Brokers) -> None:
    heard: list[Event] = []
    listener = Bus(brokers[1].url, process="listener")
    listener.listen(heard.append, on_gap=lambda: None)
    speaker = Bus(brokers[1].url, process="speaker")
    listener.start()
    speaker.start()
    await until(lambda: listener.connected and speaker.connected)
    while not heard:  # the subscription may come after the first messages
        speaker.publish(ThingsChanged([1, 2]))
        await asyncio.sleep(0.01)
    assert heard[0] == ThingsChanged([1, 2])
    await speaker.stop()
    await listener.stop()


async def test_code_of_any_thread_tells_the_others_and_each_is_sent_what_it_asks_for(brokers: Brokers) -> None:
    heard: list[Event] = []
    listener, everything = Bus(brokers[1].url, process="listener"), Bus(brokers[1].url, process="everything")
    listener.listen(heard.append, on_gap=lambda: None, kinds=(TasksChanged,))
    all_heard: list[Event] = []
    everything.listen(all_heard.append, on_gap=lambda: None)
    listener.start()
    everything.start()
    events.install(everything.publish_from_thread)
    await until(lambda: listener.connected and everything.connected)
    while TasksChanged([1]) not in heard or ThingsChanged([2]) not in all_heard:
        await asyncio.to_thread(events.publish, ThingsChanged([2]))
        await asyncio.to_thread(events.publish, TasksChanged([1]))
        await asyncio.sleep(0.01)
    events.install(None)
    assert TasksChanged([1]) in all_heard
    assert ThingsChanged([2]) not in heard
    await everything.stop()
    await listener.stop()
    events.publish(ThingsChanged([3]))  # without a way to the others, nothing


async def test_a_gap_in_a_writers_numbers_shows(brokers: Brokers) -> None:
    gaps: list[str] = []
    bus = Bus(brokers[1].url, process="web")
    bus.listen(lambda _event: None, on_gap=lambda: gaps.append("gap"))
    for number in (1, 2, 3):
        await bus._received([Message("", _stored(number), {})], nothing)
    assert not gaps
    await bus._received([Message("", _stored(5), {})], nothing)
    assert len(gaps) == 1


async def test_a_writer_heard_for_the_first_time_may_have_written_before(brokers: Brokers) -> None:
    gaps: list[str] = []
    bus = Bus(brokers[1].url, process="web")
    bus.listen(lambda _event: None, on_gap=lambda: gaps.append("gap"))
    await bus._received([Message("", _stored(7), {})], nothing)
    assert len(gaps) == 1


async def test_a_process_that_is_gone_may_have_committed_what_it_did_not_tell(brokers: Brokers) -> None:
    gaps: list[str] = []
    bus = Bus(brokers[1].url, process="web")
    bus.listen(lambda _event: None, on_gap=lambda: gaps.append("gap"))
    gone = ProcessState("ingest", up=False, at=datetime(2026, 11, 22, tzinfo=UTC))
    await bus._received([Message("", events.encode(gone), {})], nothing)
    assert len(gaps) == 1


def _stored(number: int) -> bytes:
    return events.encode(ObservationsStored(writer="w", number=number, rows=[]))


async def test_noise_on_the_bus_is_passed_over(brokers: Brokers) -> None:
    heard: list[Event] = []
    bus = Bus(brokers[1].url, process="web")
    bus.listen(heard.append, on_gap=lambda: None)
    await bus._received([Message("", b"\xc1 noise", {}), Message("", events.encode(ThingsChanged([3])), {})], nothing)
    assert heard == [ThingsChanged([3])]


async def test_a_process_gives_signs_of_life_and_says_when_it_ends(brokers: Brokers) -> None:
    watcher = Bus(brokers[1].url, process="watcher")
    watcher.listen(lambda _event: None, on_gap=lambda: None)
    worker = Bus(brokers[1].url, process="worker-under-test")
    watcher.start()
    worker.start()
    await until(lambda: watcher.connected and worker.connected)
    worker.sign_of_life(lag_s=0.5, counters={"stored": 3})
    await until(lambda: "worker-under-test" in watcher.processes)
    state = watcher.processes["worker-under-test"]
    assert (state.up, state.lag_s, state.counters) == (True, 0.5, {"stored": 3})
    await worker.stop()
    await until(lambda: not watcher.processes["worker-under-test"].up)
    await watcher.stop()


async def test_a_thread_publishes_too(brokers: Brokers) -> None:
    heard: list[Event] = []
    bus = Bus(brokers[1].url, process="worker")
    bus.publish_from_thread(ThingsChanged([0]))  # before the start, as after the end, it goes nowhere
    bus.listen(heard.append, on_gap=lambda: None)
    bus.start()
    await until(lambda: bus.connected)
    while not heard:
        await asyncio.to_thread(bus.publish_from_thread, ThingsChanged([3]))
        await asyncio.sleep(0.01)
    assert heard[0] == ThingsChanged([3])
    await bus.stop()

"""Ready means that every part is up; a part that is not says why."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from dothi.core.observations.service import Record
from dothi.kernel import clock
from dothi.kernel.events import ProcessState
from dothi.protocols.monitoring import health, routes

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@dataclass
class FakeBus:
    """What the bus would have heard."""

    connected: bool = True
    processes: dict[str, ProcessState] = field(default_factory=dict)


def alive(process: str, *, connected: bool = True, **counters: int) -> ProcessState:
    return ProcessState(process, True, clock.now(), 0.25, connected=connected, counters=counters)


@pytest.fixture
def bus() -> FakeBus:
    return FakeBus(processes={"ingest": alive("ingest", stored=7, tasks_answered=3), "worker": alive("worker")})


async def test_all_up_is_ready(record: Record, bus: FakeBus) -> None:
    found = await health.examine(record, bus, city="here")
    assert found.status == "ready"
    assert found.components["ingest"].lag_s == 0.25
    assert found.newest_observation_age_s is None


@pytest.mark.parametrize("down", ["ingest", "worker"])
async def test_a_process_that_never_spoke_is_down(record: Record, bus: FakeBus, down: str) -> None:
    del bus.processes[down]
    found = await health.examine(record, bus, city="here")
    assert found.status == "not ready"
    assert found.components[down].reason == "no sign of life yet"


async def test_brokers_that_are_away_are_told(record: Record, bus: FakeBus) -> None:
    bus.connected = False
    bus.processes["ingest"] = alive("ingest", connected=False)
    found = await health.examine(record, bus, city="here")
    assert {name for name, part in found.components.items() if part.status == "down"} == {"broker_in", "broker_out"}


async def test_a_database_that_is_away_is_told(bus: FakeBus) -> None:
    nowhere = Record("postgresql://nobody@127.0.0.1:1/none?connect_timeout=1", publish=lambda event: None)
    found = await health.examine(nowhere, bus, city="here")
    assert found.components["database"].status == "down"


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (None, "no sign of life yet"),
        (ProcessState("worker", up=False, at=NOW), "has stopped"),
        (ProcessState("worker", up=True, at=NOW - timedelta(seconds=11)), "gives no sign of life"),
        (ProcessState("worker", up=True, at=NOW - timedelta(seconds=9)), None),
    ],
)
def test_a_process_is_judged_by_its_last_sign_of_life(state: ProcessState | None, reason: str | None) -> None:
    assert health.component_of(state, now=NOW).reason == reason


async def test_the_answers_of_the_addresses(record: Record, bus: FakeBus) -> None:
    app = Starlette(routes=routes.routes())
    app.state.record, app.state.bus = record, bus
    app.state.city = type("City", (), {"id": "here"})
    await record.keep_dead_letter(source="mqtt:x", reason="not JSON", payload=b"{")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/health/live")).json() == {"status": "alive"}
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.json()["city"]) == (200, "here")
        figures = {
            (sample.name, *sorted(sample.labels.values())): sample.value
            for family in text_string_to_metric_families((await client.get("/metrics")).text)
            for sample in family.samples
        }
        assert figures["dothi_component_up", "worker"] == 1
        assert figures["dothi_observations_total", "ingest", "stored"] == 7
        assert figures["dothi_tasks_total", "answered"] == 3
        assert ("dothi_observations_total", "ingest", "tasks_answered") not in figures
        assert (figures["dothi_dead_letters_kept",], figures["dothi_units_unread",]) == (1, 0)
        bus.processes.clear()
        assert (await client.get("/health/ready")).status_code == 503

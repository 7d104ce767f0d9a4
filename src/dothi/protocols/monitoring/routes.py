"""The addresses that a monitoring system reads."""

from contextlib import suppress
from typing import Final

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dothi.core.accounts.service import PUBLIC
from dothi.core.observations.upkeep import Upkeep
from dothi.kernel.errors import Unavailable
from dothi.kernel.events import ProcessState
from dothi.protocols.door import operation
from dothi.protocols.monitoring.health import Health, examine

TASKS: Final = "tasks_"
"""How the names of counters begin that are about commands."""
_encoder: Final = msgspec.json.Encoder()


@operation(PUBLIC)
async def live(_request: Request) -> Response:
    """Answer that this process runs."""
    return Response(b'{"status":"alive"}', media_type="application/json")


@operation(PUBLIC)
async def ready(request: Request) -> Response:
    """Answer how every component is: 200 when all are up, else 503."""
    health = await _examine(request)
    status = 200 if health.status == "ready" else 503
    return Response(_encoder.encode(health), status, {"Cache-Control": "no-store"}, media_type="application/json")


@operation(PUBLIC)
async def metrics(request: Request) -> Response:
    """Answer with the figures of all processes in Prometheus's text form."""
    registry = CollectorRegistry()
    health = await _examine(request)
    upkeep: Upkeep | None = None
    if health.components["database"].status == "up":
        with suppress(Unavailable):  # as it may have gone since
            upkeep = await request.app.state.record.count_upkeep()
    registry.register(_Collector(health, dict(request.app.state.bus.processes), upkeep))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


async def _examine(request: Request) -> Health:
    state = request.app.state
    return await examine(state.record, state.bus, city=state.city.id)


class _Collector(Collector):
    """Gives one examination as metrics."""

    def __init__(self, health: Health, processes: dict[str, ProcessState], upkeep: Upkeep | None) -> None:
        self._health = health
        self._processes = processes
        self._upkeep = upkeep

    def collect(self) -> list[Metric]:
        """Give every figure; names and units follow Prometheus's conventions."""
        up = GaugeMetricFamily("dothi_component_up", "1 where a component is up.", labels=["component"])
        for name, component in self._health.components.items():
            up.add_metric([name], component.status == "up")
        age = GaugeMetricFamily(
            "dothi_newest_observation_age_seconds", "City time since the newest observation was made."
        )
        if self._health.newest_observation_age_s is not None:
            age.add_metric([], self._health.newest_observation_age_s)
        lag = GaugeMetricFamily("dothi_ingest_lag_seconds", "Age of the oldest message that is not committed.")
        totals = CounterMetricFamily(
            "dothi_observations", "What became of observations.", labels=["process", "outcome"]
        )
        tasks = CounterMetricFamily("dothi_tasks", "Commands to devices, by what was done with them.", labels=["event"])
        for name, state in sorted(self._processes.items()):
            if name == "ingest":
                lag.add_metric([], state.lag_s)
            for outcome, count in state.counters.items():
                if outcome.startswith(TASKS):
                    tasks.add_metric([outcome.removeprefix(TASKS)], count)
                else:
                    totals.add_metric([name, outcome], count)
        return [up, age, lag, totals, tasks, *self._kept()]

    def _kept(self) -> list[Metric]:
        """Give what someone should look after; nothing while the database can't be asked."""
        if self._upkeep is None:
            return []
        letters = GaugeMetricFamily("dothi_dead_letters_kept", "Messages that could not be used and are kept.")
        letters.add_metric([], self._upkeep.dead_letters)
        units = GaugeMetricFamily("dothi_units_unread", "Datastreams whose unit can't be read as UCUM.")
        units.add_metric([], self._upkeep.unread_units)
        return [letters, units]


def routes() -> list[Route]:
    """Give the routes of monitoring; they are open to anyone and tell nothing of people or places."""
    return [
        Route("/health/live", live, methods=["GET"]),
        Route("/health/ready", ready, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
    ]

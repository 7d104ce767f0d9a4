"""A city of lamps for the operations screen: filled at once, spoken for over MQTT, with people who may look."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import gmqtt
import httpx
import psycopg

from bench._running import Key, Running

PASSWORD: Final = "a bench needs no secret 7"  # noqa: S105  (it opens nothing that outlives the measurement)
PERMISSIONS: Final = ("observations.observation.create", "observations.thing.view")
PROBES: Final = tuple((lon, lat) for lon in (106.600, 106.746) for lat in (10.972, 11.026, 11.080))
"""Where lamps stand alone, one in each part of the picture: their own pixels tell whether they are on."""
ON_W, OFF_W = 100.0, 0.2
STEADY_S: Final = 20.0
"""How often a lamp that is looked at says the same again, in seconds: the map draws silent ones as late."""
LOOK_S: Final = 0.01
_LAMPS: Final = """
WITH new AS (
    INSERT INTO observations_thing (name, description, properties, department, is_public)
    SELECT 'BD-L-' || n, '', '{"kind": "Streetlight", "simulated": true, "public": true}', '', true
    FROM generate_series(1, %(lamps)s) n RETURNING id
), place AS (
    INSERT INTO observations_location (name, description, encoding_type, location, geom)
    SELECT id::text, '', 'application/geo+json', '{}', CASE WHEN id > max(id) OVER () - %(probes)s
        THEN ST_SetSRID(ST_MakePoint((%(lons)s::float[])[max(id) OVER () - id + 1],
            (%(lats)s::float[])[max(id) OVER () - id + 1]), 4326)
        ELSE ST_SetSRID(ST_MakePoint(106.62 + (id %% 80) * 0.00138, 10.985 + (id / 80 %% 75) * 0.00113), 4326) END
    FROM new RETURNING id, name
), put AS (
    INSERT INTO observations_thing_location (thing_id, location_id) SELECT name::bigint, id FROM place
), sensor AS (
    INSERT INTO observations_sensor (name, description, encoding_type, metadata)
    VALUES ('bench', '', 'text/plain', '""') RETURNING id
)
INSERT INTO observations_datastream (name, description, observation_type, unit, is_multi, thing_id, sensor_id)
    SELECT 'power', '', '', '{"symbol": "W"}', false, new.id, sensor.id FROM new, sensor RETURNING thing_id, id
"""
_LATEST: Final = (
    "INSERT INTO observations_latest (datastream_id, stored) SELECT id, 0 FROM observations_datastream"
    " ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True)
class Streams:
    """The lamps' Datastreams: `probes` are those of `PROBES`, in that order, `others` all the rest."""

    others: Sequence[int]
    probes: Sequence[int]


def fill(dothi: Running, lamps: int) -> Streams:
    """Register so many lamps in the record at once, those of `PROBES` among them."""
    with psycopg.connect(dothi.database_url, autocommit=True) as connection:
        lons, lats = zip(*PROBES, strict=True)
        values = {"lamps": lamps, "probes": len(PROBES), "lons": list(lons), "lats": list(lats)}
        found = [stream for _, stream in sorted(connection.execute(_LAMPS, values).fetchall())]
        connection.execute(_LATEST)
    split = len(found) - len(PROBES)
    return Streams(found[:split], found[split:][::-1])


def sign_in(dothi: Running, username: str) -> dict[str, str]:
    """Make an operator and sign in by the form, as a browser does; gives the cookies."""
    dothi.dothi("users", "create", username, "--role", "operator", "--password", PASSWORD)
    with httpx.Client(base_url=dothi.url, trust_env=False, timeout=60) as web:
        page = web.get("/sign-in/").text
        token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        form = {"login": username, "password": PASSWORD, "csrfmiddlewaretoken": token}
        answer = web.post("/sign-in/", data=form, headers={"Referer": dothi.url})
        assert answer.status_code == 302, answer.status_code
        return dict(web.cookies)


@dataclass
class Speaker:
    """Speaks for all lamps in turn, so many Observations a second; each value is said once, `sent` tells when."""

    device: gmqtt.Client
    streams: Streams
    rate: int
    sent: dict[float, float] = field(default_factory=dict)
    power_w: list[float] = field(default_factory=lambda: [ON_W] * len(PROBES))
    is_dark: bool = False

    def switch(self, probe: int, *, on: bool) -> float:
        """Turn one of `PROBES` on or off; gives the Unix time of it."""
        self.power_w[probe] = ON_W if on else OFF_W
        at = time.time()
        self._say(self.streams.probes[probe], self.power_w[probe])
        return at

    async def speak(self, seed: int) -> None:
        """Speak until cancelled."""
        order = random.Random(seed).sample(self.streams.others, len(self.streams.others))
        began, number, steady_at = time.perf_counter(), 0, 0.0
        while True:
            if time.perf_counter() >= steady_at:
                steady_at = time.perf_counter() + STEADY_S
                for stream, power_w in zip(self.streams.probes, self.power_w, strict=True):
                    self._say(stream, power_w)
            due = int((time.perf_counter() - began) * self.rate)
            for place in range(number, due):
                value = place / 10_000_000 if self.is_dark else 50 + place / 10_000
                self.sent[value] = time.time()
                self._say(order[place % len(order)], value)
            number = max(number, due)
            await asyncio.sleep(LOOK_S)

    def _say(self, stream: int, value: float) -> None:
        body = {"phenomenonTime": datetime.now(UTC).isoformat(), "result": value}
        self.device.publish(f"v1.1/Datastreams({stream})/Observations", json.dumps(body), qos=1)


@asynccontextmanager
async def speaking(dothi: Running, streams: Streams, *, rate: int, seed: int) -> AsyncIterator[Speaker]:
    """Let the city speak; comes back once each lamp has spoken."""
    key: Key = dothi.create_key(PERMISSIONS)
    device = gmqtt.Client("bench-city")
    device.set_auth_credentials(key.id, key.secret)
    await device.connect("127.0.0.1", dothi.devices_port)
    speaker = Speaker(device, streams, rate)
    task = asyncio.create_task(speaker.speak(seed))
    try:
        while len(speaker.sent) < len(streams.others):  # noqa: ASYNC110  the speaker runs beside
            await asyncio.sleep(0.1)
        yield speaker
    finally:
        task.cancel()
        await device.disconnect()

"""The service does what its OpenAPI description says, whatever is made up from that: by schemathesis."""

import asyncio
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error

from dothi.core.observations.query.tables import BY_SET
from dothi.protocols.sensorthings.tests.city import lamp

FEW, MANY = 40, 5_000


async def test_every_entity_set_is_described(client: httpx.AsyncClient) -> None:
    described = (await client.get("api")).json()
    assert described["openapi"].startswith("3.1")
    for name in BY_SET:
        assert {"get", "post"} <= described["paths"][f"/{name}"].keys()
        assert "get" in described["paths"][f"/{name}({{id}})"]


def _try(description: dict[str, Any], url: str, tries: int) -> list[int]:
    """Send what the description allows; gives the statuses of all answers."""
    schema = schemathesis.openapi.from_dict(description)
    statuses: list[int] = []

    @given(case=schema.as_strategy())
    @settings(
        max_examples=tries, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def send(case: Any) -> None:
        answer = case.call(base_url=url)
        case.validate_response(answer, checks=[not_a_server_error])
        if answer.status_code >= 400:
            found = answer.json()
            assert found["code"] == answer.status_code
            assert found["message"]
        statuses.append(answer.status_code)

    send()
    return statuses


@pytest.mark.parametrize("tries", [FEW, pytest.param(MANY, marks=pytest.mark.nightly)])
async def test_what_is_made_up_from_the_description_is_answered_or_refused(
    client: httpx.AsyncClient, url: str, tries: int
) -> None:
    await lamp(client, 1, results=[1, 2])
    description = (await client.get("api")).json()
    statuses = await asyncio.to_thread(_try, description, url, tries)
    assert len(statuses) >= tries // 2

"""A token opens until its key is revoked; a process that hears no news remembers nothing."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from dothi.core.accounts import service
from dothi.core.accounts.keyring import KeyRing
from dothi.core.accounts.types import SYSTEM, Actor, NewKey
from dothi.kernel.errors import Unauthenticated, Unavailable
from dothi.kernel.events import KeysChanged

OBSERVE = "observations.observation.create"
Pool = AsyncConnectionPool[AsyncConnection]


@pytest_asyncio.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with AsyncConnectionPool[AsyncConnection](
        database_url, min_size=1, max_size=2, open=False, kwargs={"autocommit": True}
    ) as made:
        yield made


@pytest_asyncio.fixture
async def key(database_url: str) -> NewKey:
    return await sync_to_async(service.create_key)(SYSTEM, name="gateway", permissions=[OBSERVE])


async def test_a_token_gives_the_actor_with_its_limits(pool: Pool) -> None:
    key = await sync_to_async(service.create_key)(
        SYSTEM, name="gateway", permissions=[OBSERVE], department="lighting", thing_ids=[3, 5]
    )
    actor = await KeyRing(pool, is_told=lambda: True).actor_of(key.token)
    assert (str(actor.kind), actor.reference, actor.label) == ("key", f"key:{key.id}", "gateway")
    assert (actor.department, actor.thing_ids) == ("lighting", frozenset({3, 5}))
    assert actor.permissions == {OBSERVE}


@pytest.mark.parametrize(
    "token", ["{id}.wrong", "nobody.{secret}", "", "no-dot", "{id}.", ".{secret}", "{id}.{secret}x"]
)
async def test_any_other_token_is_refused_in_the_same_words(pool: Pool, key: NewKey, token: str) -> None:
    ring = KeyRing(pool, is_told=lambda: True)
    with pytest.raises(Unauthenticated, match="unknown or revoked"):
        await ring.actor_of(token.format(id=key.id, secret=key.secret))


async def test_a_revoked_key_is_refused_once_the_news_is_there(pool: Pool, key: NewKey) -> None:
    ring = KeyRing(pool, is_told=lambda: True)
    await ring.actor_of(key.token)
    await sync_to_async(service.revoke_key)(SYSTEM, key_id=key.id)
    ring.hear(KeysChanged([key.id]))
    with pytest.raises(Unauthenticated):
        await ring.actor_of(key.token)


async def test_without_news_every_token_is_checked(pool: Pool, key: NewKey) -> None:
    told = [True]
    ring = KeyRing(pool, is_told=lambda: told[0])
    await ring.actor_of(key.token)
    told[0] = False
    await sync_to_async(service.revoke_key)(SYSTEM, key_id=key.id)
    with pytest.raises(Unauthenticated):
        await ring.actor_of(key.token)


async def test_a_remembered_key_opens_without_the_database_and_an_unknown_one_does_not(pool: Pool, key: NewKey) -> None:
    ring = KeyRing(pool, is_told=lambda: True)
    await ring.actor_of(key.token)
    await pool.close()
    assert (await ring.actor_of(key.token)).label == "gateway"
    with pytest.raises(Unavailable):
        await ring.actor_of("another.token")


async def test_the_last_use_is_noted_at_most_once_a_minute(pool: Pool, key: NewKey) -> None:
    ring = KeyRing(pool, is_told=lambda: True)
    await ring.note_use()
    await ring.actor_of(key.token)
    await ring.note_use()
    first = (await sync_to_async(service.list_keys)(SYSTEM))[0].last_used_at
    assert first is not None
    await ring.actor_of(key.token)
    await ring.note_use()
    assert (await sync_to_async(service.list_keys)(SYSTEM))[0].last_used_at == first


@pytest.mark.parametrize(
    ("actor", "reached"),
    [
        (Actor("key", "k"), {(1, "a"), (2, "b"), (3, "")}),
        (Actor("key", "k", department="a"), {(1, "a")}),
        (Actor("key", "k", thing_ids=frozenset([2, 3])), {(2, "b"), (3, "")}),
        (Actor("key", "k", department="a", thing_ids=frozenset([2])), set()),
    ],
)
def test_limits_are_taken_together(actor: Actor, reached: set[tuple[int, str]]) -> None:
    things = [(1, "a"), (2, "b"), (3, "")]
    assert {(number, of) for number, of in things if actor.may_touch(number, department=of)} == reached

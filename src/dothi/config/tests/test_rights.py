"""What a key may do at the devices' broker follows its permissions, and its Things."""

from typing import Any

import pytest

from dothi.config.keys import hearing_for, hearing_of_keys, rights_for, rights_of_keys
from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.observations import service as observations
from dothi.core.observations.tasking import service as tasking
from dothi.core.observations.tests.things import RegisterThing
from dothi.protocols.mqtt.rights import Rights

OBSERVE, ANSWER = "observations.observation.create", "observations.task.answer"
READ = "observations.thing.view"


def key(*permissions: str, **limits: Any) -> Actor:
    return Actor(kind="key", reference="key:1", permissions=frozenset(permissions), **limits)


@pytest.mark.django_db
def test_each_permission_brings_its_topics_and_none_brings_those_of_commands(register_thing: RegisterThing) -> None:
    own, _ = (
        register_thing(name, kind="Streetlight", readings={"power": (1, "W")}, capabilities={"light": {}})
        for name in ("own", "other")
    )
    limited = {"thing_ids": frozenset({own})}
    (stream,) = observations.list_stream_ids(key(**limited))
    (light,) = tasking.list_commandable_ids(key(**limited))
    streams = (f"v1.1/Datastreams({stream})/Observations", f"v1.1/MultiDatastreams({stream})/Observations")
    told, answers = f"v1.1/TaskingCapabilities({light})/Tasks", f"v1.1/TaskingCapabilities({light})/+/status"
    assert rights_for(key("observations.thing.view")) == Rights()
    assert rights_for(key("observations.task.create")) == Rights(("v1.1/Tasks",))
    assert rights_for(key("observations.task.create", **limited)) == Rights()
    assert rights_for(key(OBSERVE, **limited)) == Rights(streams)
    assert rights_for(key(ANSWER, **limited)) == Rights((answers,), (told,))
    assert rights_for(key(OBSERVE, ANSWER, **limited)) == Rights((*streams, answers), (told,))
    everything = rights_for(key(OBSERVE, ANSWER))
    assert everything == Rights(("v1.1/Observations", "v1.1/+/Observations", "v1.1/+/+/status"), ("v1.1/+/Tasks",))


@pytest.mark.django_db
def test_every_valid_key_has_its_rights() -> None:
    kept = accounts.create_key(SYSTEM, name="a", permissions=[ANSWER])
    revoked = accounts.create_key(SYSTEM, name="b", permissions=[ANSWER], thing_ids=[1])
    accounts.revoke_key(SYSTEM, key_id=revoked.id)
    assert rights_of_keys() == {kept.id: Rights(("v1.1/+/+/status",), ("v1.1/+/Tasks",))}


@pytest.mark.django_db
def test_who_may_read_may_hear_and_whoever_is_limited_below_the_own_things(register_thing: RegisterThing) -> None:
    own, _ = (
        register_thing(name, kind="Streetlight", readings={"power": (1, "W")}, capabilities={"light": {}})
        for name in ("own", "other")
    )
    limited = {"thing_ids": frozenset({own})}
    (stream,) = observations.list_stream_ids(key(**limited))
    (light,) = tasking.list_commandable_ids(key(**limited))
    assert hearing_for(key(OBSERVE)) is None
    everything = hearing_for(key(READ, "observations.task.view"))
    assert everything == Rights(subscribe=("v1.1/#",), only_hears=True)
    some = hearing_for(key(READ, **limited))
    assert some is not None
    assert some.subscribe == (
        f"v1.1/Things({own})/#", f"v1.1/Datastreams({stream})/#", f"v1.1/MultiDatastreams({stream})/#",
        f"v1.1/TaskingCapabilities({light})/#",
    )  # fmt: skip
    assert some.withheld[:3] == ("v1.1/Tasks", "v1.1/+/Tasks", "v1.1/+/+/Tasks")


@pytest.mark.django_db
def test_every_valid_key_that_may_read_may_hear() -> None:
    kept = accounts.create_key(SYSTEM, name="a", permissions=[READ])
    accounts.create_key(SYSTEM, name="b", permissions=[ANSWER])
    revoked = accounts.create_key(SYSTEM, name="c", permissions=[READ])
    accounts.revoke_key(SYSTEM, key_id=revoked.id)
    assert hearing_of_keys().keys() == {kept.id}

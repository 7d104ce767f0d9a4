"""Addresses of brokers, and topics, are read strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.kernel.errors import InvalidInput
from dothi.protocols.mqtt.connection import BrokerUrl, parse_url
from dothi.protocols.mqtt.ingest import parent_of


def test_an_address_is_read() -> None:
    assert parse_url("mqtt://dothi:p%40ss@broker:1884") == BrokerUrl("broker", 1884, "dothi", "p@ss", False)
    assert parse_url("mqtts://broker") == BrokerUrl("broker", 8883, "", "", True)


@pytest.mark.parametrize("url", ["", "http://broker", "mqtt://", "broker:1883"])
def test_another_form_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="broker's address"):
        parse_url(url)


@pytest.mark.parametrize(
    ("topic", "parent"),
    [
        ("v1.1/Datastreams(12)/Observations", (12, None)),
        ("v1.1/MultiDatastreams(3)/Observations", (3, None)),
        ("v1.1/FeaturesOfInterest(4)/Observations", (None, 4)),
        ("v1.1/Observations", (None, None)),
    ],
)
def test_a_topic_says_whose_the_observation_is(topic: str, parent: tuple[int | None, int | None]) -> None:
    assert parent_of(topic) == parent


@given(
    st.text(max_size=40).filter(lambda text: not text.startswith("v1.1/")) | st.just("v1.1/Datastreams(x)/Observations")
)
def test_another_topic_is_refused(topic: str) -> None:
    with pytest.raises(InvalidInput):
        parent_of(topic)

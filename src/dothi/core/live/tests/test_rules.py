"""For every client and every history: snapshot + events = a fresh snapshot."""

from datetime import UTC, datetime

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from dothi.core.live import rules
from dothi.core.live.rules import Held, LiveState
from dothi.core.live.types import ALARMS, Feature, FeatureState, LiveAlarm, LiveLayer, Owner, View
from dothi.core.observations.types import Reading, ThingReading

LAYERS = ("lighting.lamps", "air.stations")
EAST = (106.5, 10.5, 107.0, 11.5)
features = st.builds(
    Feature,
    layer=st.sampled_from(LAYERS),
    id=st.integers(1, 4),
    name=st.just("x"),
    lon=st.sampled_from([106.0, 106.6, 106.9]),
    lat=st.just(11.0),
    state=st.sampled_from(["on", "off"]),
    value=st.none() | st.sampled_from([1.0, 2.0]),
    unit=st.just("W"),
    observed_at=st.none(),
    simulated=st.just(True),
)
alarms = st.builds(
    LiveAlarm,
    id=st.integers(1, 4),
    rule=st.just("lighting.lamp.failed"),
    key_word=st.just(""),
    priority=st.integers(1, 4),
    state=st.sampled_from(["unacknowledged", "acknowledged", "cleared"]),
    thing_id=st.integers(1, 4),
    thing=st.just("x"),
    kind=st.just("Streetlight"),
    lon=st.none(),
    lat=st.none(),
    raised_at=st.just(datetime(2026, 1, 1, tzinfo=UTC)),
    since=st.just(datetime(2026, 1, 1, tzinfo=UTC)),
    cleared_at=st.none(),
    acknowledged_at=st.none(),
    acknowledged_by=st.just(""),
    times_raised=st.just(1),
    members=st.just(()) | st.just((1, 2)),
    detail=st.just({}),
    simulated=st.just(True),
)
owners = st.builds(Owner, is_public=st.booleans(), department=st.sampled_from(["", "lighting"]))
held = st.builds(Held, features | alarms, owners)
views = st.builds(
    View,
    layers=st.frozensets(st.sampled_from(LAYERS), min_size=1),
    bbox=st.none() | st.just(EAST),
    alarms=st.booleans(),
    public_only=st.booleans(),
    departments=st.none() | st.frozensets(st.sampled_from(["", "lighting"])),
    or_public=st.booleans(),
    thing_ids=st.none() | st.frozensets(st.integers(1, 4)),
)


class Client:
    """What a browser holds: its view, its features and alarms, and the number of the last message."""

    def __init__(self, state: LiveState, view: View) -> None:
        self.view = view
        self.take_snapshot(state)

    def take_snapshot(self, state: LiveState) -> None:
        """Begin anew."""
        self.items = {item.key: item for item in state.snapshot(self.view)}
        self.number = state.number

    def catch_up(self, state: LiveState) -> None:
        """Apply what changed, or begin anew where that is no longer known."""
        changes = state.since(self.number, self.view)
        if changes is None:
            self.take_snapshot(state)
            return
        assert not {feature.key for feature in changes.changed} & set(changes.removed)
        assert not {alarm.id for alarm in changes.alarms} & set(changes.gone)
        self.items = rules.apply(self.items, changes)
        self.number = state.number


class LiveView(RuleBasedStateMachine):
    """Features and alarms come, change, move and go while clients come, listen, stay away and come back."""

    clients = Bundle("clients")

    def __init__(self) -> None:
        super().__init__()
        self.state = LiveState(keep=6)
        self.everyone: list[Client] = []

    @rule(feature=features, owner=owners)
    def put(self, feature: Feature, owner: Owner) -> None:
        self.state.put(feature, owner)

    @rule(alarm=alarms, owner=owners)
    def put_alarm(self, alarm: LiveAlarm, owner: Owner) -> None:
        self.state.put(alarm, owner)

    @rule(layer=st.sampled_from((*LAYERS, ALARMS)), number=st.integers(1, 4))
    def remove(self, layer: str, number: int) -> None:
        self.state.remove((layer, number))

    @rule(owner=owners, place=st.integers(0, 7))
    def change_hands(self, owner: Owner, place: int) -> None:
        """What is known already becomes public, private or another department's, and stays as it is otherwise."""
        known = self.state.snapshot(View(frozenset(LAYERS), alarms=True))
        if place < len(known):
            self.state.put(known[place], owner)

    @rule(found=st.lists(held, max_size=4))
    def reload(self, found: list[Held]) -> None:
        self.state.replace(found)

    @rule(target=clients, view=views)
    def come(self, view: View) -> Client:
        client = Client(self.state, view)
        self.everyone.append(client)
        return client

    @rule(client=clients)
    def listen(self, client: Client) -> None:
        client.catch_up(self.state)
        about = {item.thing_id if isinstance(item, LiveAlarm) else item.id for item in client.items.values()}
        allowed = client.view.thing_ids
        assert client.view.or_public or allowed is None or about <= allowed
        assert client.view.alarms or not any(layer == ALARMS for layer, _ in client.items)
        assert client.items == {item.key: item for item in self.state.snapshot(client.view)}

    @rule(client=consumes(clients))
    def leave(self, client: Client) -> None:
        self.everyone.remove(client)

    @invariant()
    def everyone_can_catch_up(self) -> None:
        for client in self.everyone:
            changes = self.state.since(client.number, client.view)
            if changes is not None:
                fresh = {item.key: item for item in self.state.snapshot(client.view)}
                assert rules.apply(client.items, changes) == fresh


LiveView.TestCase.settings = settings(max_examples=150, stateful_step_count=30)
TestLiveView = LiveView.TestCase


def feature(number: int = 1, *, value: float = 1.0) -> Feature:
    return Feature("lighting.lamps", number, "x", 106.6, 11.0, "on", value, "W", None, True)


def test_each_feature_is_told_once_however_often_it_changed() -> None:
    state, view = LiveState(), View(frozenset(LAYERS))
    for value in range(100):
        state.put(feature(value=float(value)), Owner())
    changes = state.since(0, view)
    assert changes is not None
    assert [one.value for one in changes.changed] == [99.0]


def test_what_changed_and_changed_back_is_not_told() -> None:
    state, view = LiveState(), View(frozenset(LAYERS))
    state.put(feature(value=1.0), Owner())
    number = state.number
    state.put(feature(value=2.0), Owner())
    state.put(feature(value=1.0), Owner())
    changes = state.since(number, view)
    assert changes is not None
    assert (changes.changed, changes.removed) == ([], [])


def test_a_client_that_stayed_away_too_long_must_begin_anew() -> None:
    state, view = LiveState(keep=3), View(frozenset(LAYERS))
    for value in range(5):
        state.put(feature(value=float(value)), Owner())
    assert state.since(0, view) is None
    assert state.since(2, view) is not None
    assert state.since(99, view) is None


def test_a_visitor_is_told_of_a_feature_while_it_is_public() -> None:
    state, everyone, visitor = LiveState(), View(frozenset(LAYERS)), View(frozenset(LAYERS), public_only=True)
    told = []
    for owner in (Owner(), Owner(is_public=True), Owner(is_public=True, department="lighting"), Owner()):
        number = state.number
        state.put(feature(), owner)
        seen = state.since(number, visitor)
        assert seen is not None
        told.append((len(seen.changed), len(seen.removed), len(state.snapshot(visitor))))
        assert len(state.snapshot(everyone)) == 1
    assert told == [(0, 0, 0), (1, 0, 1), (0, 0, 1), (0, 1, 0)]


def describe(readings: object) -> FeatureState:
    return FeatureState("on", 1.0, "W")


def test_a_thing_without_a_place_is_no_feature() -> None:
    layer = LiveLayer("lighting.lamps", "Streetlight", "lighting.lamp.view", describe)
    thing = ThingReading(1, "x", "Streetlight", None, None, False, {}, {})
    assert rules.feature_of(thing, layer) is None
    placed = rules.feature_of(msgspec.structs.replace(thing, lon=106.0, lat=11.0), layer)
    assert placed is not None
    assert placed.observed_at is None


def test_the_newer_reading_wins_whoever_tells_it() -> None:
    old, new = (Reading(value, "W", datetime(2026, 1, day, tzinfo=UTC)) for value, day in ((1.0, 1), (2.0, 2)))
    assert rules.newer_readings({"power": old}, {"power": new, "level": old}) == {"power": new, "level": old}
    assert rules.newer_readings({"power": new}, {"power": old}) == {"power": new}

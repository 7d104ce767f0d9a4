"""Questions across layers: known answers on the spheroid, who may ask what, what is kept, and what is refused."""

import csv
import io
import math
from collections.abc import Iterator

import pytest
import shapely
from django.test import Client
from django.utils import translation

from dothi.core.accounts import service as accounts
from dothi.core.accounts.models import User
from dothi.core.accounts.types import SYSTEM, Role
from dothi.core.observations.tests.things import RegisterThing
from dothi.core.places.layers.types import Layer, Visibility
from dothi.core.places.layers.types import Role as LayerRole
from dothi.core.places.questions import rules, service
from dothi.core.places.questions.types import (
    Condition,
    Group,
    Kind,
    Measure,
    Op,
    Question,
    Relation,
    Source,
)
from dothi.core.places.serving.tests.published import Row, publish
from dothi.core.places.tests.county import REFORM
from dothi.core.places.types import Gazetteer
from dothi.kernel.errors import Forbidden, InvalidInput, NotFound

WARDS = Source(Kind.AREAS, "3")
STOPS = Source(Kind.LAYER, "stops")
PARCELS = Source(Kind.LAYER, "parcels")
ZONES = Source(Kind.LAYER, "zones")


@pytest.fixture(autouse=True)
def vietnamese() -> Iterator[None]:
    """Names come in Vietnamese, whatever page was asked for before."""
    with translation.override("vi"):
        yield


def rectangle(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    """Give a rectangle at hundredths of a degree from the county's corner."""
    return shapely.box(106.6 + x / 100, 11 + y / 100, 106.6 + (x + width) / 100, 11 + (y + height) / 100)


@pytest.fixture
def stops(loaded_county: Gazetteer) -> Layer:
    """One stop in the middle of the western ward, one far outside."""
    points = [("Trạm A", shapely.Point(106.61, 11.01)), ("Trạm B", shapely.Point(107.5, 11.01))]
    rows = [(name, {"line": "KB01", "uses": number}, point) for number, (name, point) in enumerate(points, 1)]
    return publish("stops", rows, role=LayerRole.FACILITIES)


@pytest.fixture
def land(loaded_county: Gazetteer) -> None:
    """Three parcels, the middle one over both wards and both zones."""
    parcels = [
        ("1", {"value": 10.0, "use": "ODT"}, rectangle(0.2, 0.2, 0.4, 0.4)),
        ("2", {"value": 20.0, "use": "ODT"}, rectangle(1.8, 0.2, 0.4, 0.4)),
        ("3", {"value": 40.0, "use": "Đất lúa"}, rectangle(3.2, 0.2, 0.4, 0.4)),
    ]
    publish("parcels", parcels)
    zones = [("Z1", {"code": "R"}, rectangle(0, 0, 2, 2)), ("Z2", {"code": "I"}, rectangle(2, 0, 1.5, 2))]
    publish("zones", zones, role=LayerRole.ZONING)


def told(question: Question) -> dict[str, dict[str, float | None]]:
    return {row.label: dict(row.figures) for row in service.ask(SYSTEM, question).rows}


def test_the_share_of_a_ward_near_a_stop_is_that_of_a_circle(stops: Layer) -> None:
    measures = (Measure.SHARE, Measure.COVERED, Measure.AREA)
    question = Question(WARDS, Relation.DISTANCE, STOPS, distance_m=400, measures=measures)
    found = told(question)
    assert set(found) == {"Phường Đông Hòa", "Phường Dĩ An"}
    covered = found["Phường Đông Hòa"]["covered"] or 0
    # A circle lies wholly within: pi r², but for the corners of the polygon that stands for it (0.2 %).
    assert covered == pytest.approx(math.pi * 400**2, rel=0.003)
    assert found["Phường Đông Hòa"]["share"] == pytest.approx(covered / (found["Phường Đông Hòa"]["area"] or 1))
    assert found["Phường Dĩ An"] == {"share": 0.0, "covered": 0.0, "area": pytest.approx(4.83e6, rel=0.01)}


def test_circles_that_lie_over_each_other_count_once(loaded_county: Gazetteer) -> None:
    rows: list[Row] = [(str(number), {}, shapely.Point(106.61, 11.01)) for number in range(5)]
    publish("stops", rows, role=LayerRole.FACILITIES)
    question = Question(WARDS, Relation.DISTANCE, STOPS, distance_m=400, measures=(Measure.COVERED, Measure.OTHERS))
    found = told(question)["Phường Đông Hòa"]
    assert found["covered"] == pytest.approx(math.pi * 400**2, rel=0.003)
    assert found["others"] == 5


def test_old_units_are_asked_by_a_day(stops: Layer) -> None:
    before = REFORM.replace(month=6, day=30)
    old = Question(Source(Kind.AREAS, "3", on=before), Relation.INTERSECTS, STOPS, is_filter=True)
    assert set(told(old)) <= {"Xã Đông Hòa", "Xã Phú Lợi"}
    answer = service.ask(SYSTEM, old)
    assert answer.used[0].on == before
    assert answer.used[0].is_illustrative


def test_conditions_narrow_by_text_number_and_emptiness(land: None) -> None:
    def count(*conditions: Condition) -> float:
        question = Question(Source(Kind.LAYER, "parcels", conditions=conditions), group=Group.ALL)
        return next(iter(told(question).values()), {"count": 0})["count"] or 0

    assert count() == 3
    assert count(Condition("use", Op.EQUAL, "odt")) == 2
    assert count(Condition("use", Op.EQUAL, "dat lua")) == 1
    assert count(Condition("use", Op.DIFFERENT, "ODT")) == 1
    assert count(Condition("use", Op.HOLDS, "LUA")) == 1
    assert count(Condition("value", Op.AT_LEAST, "20")) == 2
    assert count(Condition("value", Op.LESS, "20"), Condition("use", Op.FILLED)) == 1
    assert count(Condition("nothing", Op.EMPTY)) == 3
    assert count(Condition("use", Op.EQUAL, "'; DROP TABLE places_layer; --")) == 0
    assert count(Condition("x'y %(z)s {q}", Op.EQUAL, "%s")) == 0


def test_parcels_by_zone_and_ward_add_up_to_their_area(land: None) -> None:
    measures = (Measure.COUNT, Measure.AREA, Measure.SUM)
    question = Question(
        PARCELS,
        Relation.INTERSECTS,
        ZONES,
        is_filter=True,
        measures=measures,
        field="value",
        group=Group.AREA_AND_OTHER_FIELD,
        group_field="code",
    )
    found = told(question)
    assert set(found) == {"Phường Đông Hòa · R", "Phường Dĩ An · I"}
    # Parcel 2 lies half in each; of parcel 3 three quarters lie in the zone.
    assert found["Phường Đông Hòa · R"]["sum"] == pytest.approx(10 + 10, rel=0.001)
    assert found["Phường Dĩ An · I"]["sum"] == pytest.approx(10 + 30, rel=0.001)
    by_zone = told(
        Question(
            PARCELS,
            Relation.INTERSECTS,
            ZONES,
            measures=(Measure.AREA,),
            group=Group.OTHER_FIELD,
            group_field="code",
            is_filter=True,
        )
    )
    assert sum(each["area"] or 0 for each in by_zone.values()) == pytest.approx(
        sum(each["area"] or 0 for each in found.values()), rel=1e-6
    )


def test_groups_by_attribute_and_by_ward(land: None) -> None:
    by_use = told(
        Question(PARCELS, measures=(Measure.COUNT, Measure.SUM), field="value", group=Group.FIELD, group_field="use")
    )
    assert by_use == {"ODT": {"count": 2, "sum": 30}, "Đất lúa": {"count": 1, "sum": 40}}
    by_ward = told(Question(PARCELS, measures=(Measure.SUM,), field="value", group=Group.AREA, group_field="3"))
    assert by_ward["Phường Đông Hòa"]["sum"] == pytest.approx(20, rel=0.001)
    assert by_ward["Phường Dĩ An"]["sum"] == pytest.approx(50, rel=0.001)


def test_within_and_nearest(land: None, stops: Layer) -> None:
    inside = told(Question(PARCELS, Relation.WITHIN, ZONES, is_filter=True))
    assert set(inside) == {"1"}
    nearest = told(Question(PARCELS, Relation.NEAREST, STOPS, measures=(Measure.DISTANCE,)))
    # From the parcel's north-eastern corner to the stop: 0.4 hundredths of a degree each way, on the spheroid.
    east, north = 0.004 * 109_260, 0.004 * 110_600
    assert nearest["1"]["distance"] == pytest.approx(math.hypot(east, north), rel=0.002)
    near = Question(PARCELS, Relation.NEAREST, STOPS, distance_m=1000, is_filter=True, measures=(Measure.DISTANCE,))
    assert set(told(near)) == {"1", "2"}


def test_devices_may_be_asked_of(loaded_county: Gazetteer, register_thing: RegisterThing) -> None:
    register_thing("Đèn 1", kind="Streetlight")
    register_thing("Đèn kín", kind="Streetlight", is_public=False, department="lighting")
    question = Question(Source(Kind.THINGS, "Streetlight"), group=Group.ALL)
    assert told(question) == {"": {"count": 2}}
    person = accounts.person(1, label="", grants=[])
    with pytest.raises(Forbidden):
        service.ask(person, question)


def test_only_layers_for_the_askers_eyes_may_be_asked_of(loaded_county: Gazetteer) -> None:
    publish("parcels", [("1", {}, rectangle(0, 0, 1, 1))], visibility=Visibility.RESTRICTED, owner="land")
    user = User.objects.create_user(username="nv")
    user.grants.create(role=Role.OFFICER.value, department="water")
    actor = accounts.person(9, label="nv", grants=user.list_granted())
    with pytest.raises(NotFound):
        service.ask(actor, Question(PARCELS))
    with pytest.raises(NotFound):
        service.ask(actor, Question(WARDS, Relation.INTERSECTS, PARCELS))
    assert not any(offer.name == "parcels" for offer in service.list_offers(actor))


@pytest.mark.parametrize(
    "question",
    [
        Question(WARDS, measures=()),
        Question(WARDS, measures=(Measure.SHARE,)),
        Question(WARDS, Relation.DISTANCE, STOPS),
        Question(WARDS, Relation.INTERSECTS),
        Question(WARDS, Relation.DISTANCE, STOPS, distance_m=1e9),
        Question(WARDS, measures=(Measure.SUM,)),
        Question(WARDS, group=Group.FIELD),
        Question(WARDS, Relation.INTERSECTS, STOPS, measures=(Measure.DISTANCE,)),
    ],
)
def test_what_can_t_be_answered_is_refused(question: Question) -> None:
    with pytest.raises(InvalidInput):
        rules.check(question)


def test_a_kept_question_is_asked_again_and_says_what_is_new(stops: Layer) -> None:
    question = Question(WARDS, Relation.DISTANCE, STOPS, distance_m=400, measures=(Measure.SHARE,))
    question_id = service.keep(SYSTEM, "  Gần trạm  Kaze ", question)
    kept, answer = service.ask_kept(SYSTEM, question_id)
    assert (kept.name, kept.question, kept.used) == ("Gần trạm Kaze", question, ())
    service.note_answer(SYSTEM, question_id, answer)
    assert service.get_kept(SYSTEM, question_id).used == answer.used
    assert service.keep(SYSTEM, "Gần trạm Kaze", question) == question_id
    service.drop(SYSTEM, question_id)
    with pytest.raises(NotFound):
        service.get_kept(SYSTEM, question_id)


ASKED = "of=areas:3&relation=distance&distance=400&other=layer:stops&m=share&m=covered&ask=1"


@pytest.fixture
def analyst(loaded_county: Gazetteer) -> Client:
    client = Client()
    person = User.objects.create_user(username="phan-tich")
    person.grants.create(role=Role.ANALYST.value, department="")
    client.force_login(person)
    client.cookies["dothi_language"] = "en"
    return client


def test_the_page_asks_answers_keeps_and_gives_files(analyst: Client, stops: Layer) -> None:
    page = analyst.get(f"/places/questions/?{ASKED}").content.decode()
    for word in ("Questions across layers", "stops, revision 1", "Đông Hòa Ward", "Illustrative boundaries", "CSV"):
        assert word in page
    kept = analyst.post("/places/questions/keep/", {"asked": ASKED, "name": "Kaze"})
    assert kept.status_code == 302
    answered = analyst.get(kept["Location"]).content.decode()
    assert "Kaze" in answered
    assert "Đông Hòa Ward" in answered
    assert "before that" in analyst.get(kept["Location"]).content.decode()
    rows = list(
        csv.reader(io.StringIO(analyst.get(f"/places/questions/answer.csv?{ASKED}").content.decode("utf-8-sig")))
    )
    assert rows[0] == ["label", "share", "covered"]
    assert float(next(row for row in rows if row[0] == "Đông Hòa Ward")[2]) == pytest.approx(
        math.pi * 160_000, rel=0.003
    )
    shapes = analyst.get(f"/places/questions/answer.geojson?{ASKED}").json()["features"]
    assert len(shapes) == 2
    assert analyst.post(f"{kept['Location']}drop/").status_code == 302
    assert analyst.get(kept["Location"]).status_code == 404


@pytest.mark.parametrize(
    "asked",
    [
        "of=x:1&ask=1",
        "of=areas:9&ask=1",
        "of=areas:3&m=nothing&ask=1",
        "of=areas:3&of_on=x&ask=1",
        "of=areas:3&relation=distance&other=areas:3&distance=nan&ask=1",
    ],
)
def test_a_question_that_is_none_is_refused(analyst: Client, asked: str) -> None:
    assert analyst.get(f"/places/questions/?{asked}").status_code == 400


def test_formula_cells_are_text(analyst: Client) -> None:
    publish("odd", [("=1+1", {}, rectangle(0, 0, 1, 1))])
    text = analyst.get("/places/questions/answer.csv?of=layer:odd&m=count").content.decode("utf-8-sig")
    assert "'=1+1" in text

"""What a source says of units is taken in once, kept through time, and told as of any day and moment."""

from datetime import date, timedelta

import pytest
import shapely
from django.db import IntegrityError, connection

from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.places import models, service
from dothi.core.places.rules import succession
from dothi.core.places.tests.county import REFORM, county
from dothi.core.places.types import COMMUNE, DISTRICT, PROVINCE, AsOf, Gazetteer, Loaded, ShareBasis
from dothi.kernel import clock
from dothi.kernel.errors import Forbidden, NotFound
from dothi.kernel.events import Event, PlacesChanged

DAY_BEFORE = AsOf(REFORM - timedelta(days=1))


def codes(as_of: AsOf, level: int = COMMUNE) -> list[str]:
    return [area.code for area in service.list_areas(SYSTEM, as_of, level=level)]


def id_of(code: str, as_of: AsOf) -> int:
    return next(area.id for area in service.list_areas(SYSTEM, as_of, level=COMMUNE) if area.code == code)


def test_each_day_has_its_own_units(loaded_county: Gazetteer) -> None:
    assert codes(DAY_BEFORE) == ["00", "01", "02", "03"]
    assert codes(AsOf(REFORM)) == ["00", "02"]
    assert codes(AsOf(REFORM), DISTRICT) == []
    assert id_of("00", DAY_BEFORE) != id_of("00", AsOf(REFORM))


def test_the_same_source_twice_changes_nothing(loaded_county: Gazetteer) -> None:
    before = (models.Version.objects.count(), models.Succession.objects.count(), models.Dataset.objects.count())
    assert service.load(SYSTEM, county()) == Loaded(0, 0)
    assert service.load(SYSTEM, county("the same in a newer package")) == Loaded(0, 0)
    after = (models.Version.objects.count(), models.Succession.objects.count(), models.Dataset.objects.count())
    assert after == (*before[:2], before[2] + 1)


def test_what_was_known_before_stays(loaded_county: Gazetteer) -> None:
    then = clock.now()
    service.load(SYSTEM, county("county-2", first_name="Xã Đông Hoà Mới"))
    now_known, then_known = (
        [area.names.vi for area in service.list_areas(SYSTEM, AsOf(DAY_BEFORE.day, at), level=COMMUNE)]
        for at in (None, then)
    )
    assert (now_known[0], then_known[0]) == ("Đông Hoà Mới", "Đông Hòa")
    assert now_known[1:] == then_known[1:]
    assert len(service.get_area(SYSTEM, id_of("00", DAY_BEFORE), DAY_BEFORE).history) == 2


def test_an_area_knows_where_it_comes_from_and_went(loaded_county: Gazetteer) -> None:
    ward = service.get_area(SYSTEM, id_of("02", AsOf(REFORM)))
    assert [(each.area.names.vi, each.succession.share, each.succession.basis) for each in ward.predecessors] == [
        ("Dĩ An", 1.0, ShareBasis.WHOLE),
        ("Lái Thiêu", 1.0, ShareBasis.WHOLE),
        ("Phú Lợi", 0.25, ShareBasis.CELLS),
    ]
    assert [area.full_name("en") for area in ward.parents] == ["Lớn City"]
    assert ward.area.legal_basis == "Act 1"
    assert ward.area.is_illustrative
    divided = service.get_area(SYSTEM, id_of("01", DAY_BEFORE))
    assert [each.area.code for each in divided.successors] == ["00", "02"]
    assert [area.names.vi for area in divided.parents] == ["Tây", "Thử"]


def test_an_area_of_another_time_is_told_as_it_was_last(loaded_county: Gazetteer) -> None:
    account = service.get_area(SYSTEM, id_of("03", DAY_BEFORE), AsOf(date(2030, 1, 1)))
    assert account.area.full_name("vi") == "Thị trấn Lái Thiêu"
    assert account.area.valid.end == REFORM
    with pytest.raises(NotFound):
        service.get_area(SYSTEM, 0)


def test_the_database_itself_refuses_two_truths(loaded_county: Gazetteer) -> None:
    row = models.Version.objects.filter(code="00").order_by("id")[0]
    row.pk = None
    with pytest.raises(IntegrityError, match="places_version_once"):
        row.save()


def test_others_are_told_and_it_is_audited(db: None, city_clock: None) -> None:
    told: list[Event] = []
    service.load(SYSTEM, county(), publish=told.append)
    [dataset] = models.Dataset.objects.all()
    assert told == [PlacesChanged(dataset.pk)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_entry WHERE body LIKE '%%places.area.import%%'")
        assert cursor.fetchall() == [(1,)]


def test_who_may_not_import_may_not_load(db: None) -> None:
    viewer = Actor(kind="user", reference="user:1", permissions=frozenset({service.VIEW}))
    with pytest.raises(Forbidden):
        service.load(viewer, county())


def test_the_reform_of_2025_loads_with_nothing_lost(db: None, city_clock: None, reform: Gazetteer) -> None:
    """91 communes in 9 districts became 36 wards and communes."""
    service.load(SYSTEM, reform)
    old = service.list_areas(SYSTEM, DAY_BEFORE)
    new = service.list_areas(SYSTEM, AsOf(REFORM))
    assert [sum(area.level == level for area in old) for level in (PROVINCE, DISTRICT, COMMUNE)] == [1, 9, 91]
    assert [sum(area.level == level for area in new) for level in (PROVINCE, DISTRICT, COMMUNE)] == [1, 0, 36]
    [province] = [area for area in new if area.level == PROVINCE]
    assert province.full_name("vi") == "Thành phố Hồ Chí Minh"
    found = {one for area in new for one in service.get_area(SYSTEM, area.id).predecessors if area.level == COMMUNE}
    shares = [each.succession for each in found]
    assert {share.predecessor_id for share in shares} == {area.id for area in old if area.level == COMMUNE}
    assert succession.missing_shares(shares) == pytest.approx({share.predecessor_id: 0 for share in shares}, abs=1e-9)
    assert all(area.is_illustrative for area in (*old, *new) if area.has_shape)


def test_cells_of_the_reform_fill_the_same_ground_before_and_after(reform: Gazetteer) -> None:
    for time in ("old", "new"):
        shapes = [area.shape for area in reform.areas if area.key.startswith(f"{time}/{COMMUNE}/")]
        united = shapely.union_all(shapes)
        total = sum(shape.area for shape in shapes if shape is not None)
        assert total == pytest.approx(united.area, rel=1e-6)
        assert united.area == pytest.approx(0.70 * 0.73, rel=1e-6)

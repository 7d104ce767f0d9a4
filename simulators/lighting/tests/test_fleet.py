"""The lamps stand where the city's roads are, on as many cabinets as there should be, always the same ones."""

import numpy as np

from simulators.lighting.fleet import METRES_PER_DEGREE, build_fleet, small_fleet

BOUNDS = (106.30, 10.82, 107.00, 11.55)


def test_the_city_has_its_lamps_and_cabinets() -> None:
    fleet = build_fleet()
    assert (fleet.lamps, fleet.cabinets) == (6000, 120)
    assert (fleet.serials[0], fleet.serials[-1]) == ("BD-L-00001", "BD-L-06000")
    assert (fleet.names[0], fleet.cabinet_names[1]) == ("Hùng Vương 001", "Tủ Hùng Vương 2")
    assert len(set(fleet.names)) == 6000
    assert len(set(fleet.cabinet_names)) == 120
    assert {street.programme for street in fleet.streets} == {"new_city", "my_phuoc_tan_van", "industrial", "di_an"}
    assert fleet.rated_w.min() == 60
    assert fleet.rated_w.max() == 150


def test_feeders_differ_in_size_and_one_phase_has_57_lamps() -> None:
    fleet = build_fleet()
    sizes = np.bincount(fleet.feeder, minlength=360)
    assert (sizes == 57).sum() == 1
    assert sizes.min() >= 1
    assert len(set(np.bincount(fleet.cabinet).tolist())) > 20


def test_one_street_has_200_lamps() -> None:
    fleet = build_fleet()
    counts = {street.slug: int((fleet.street == number).sum()) for number, street in enumerate(fleet.streets)}
    assert counts["vo-van-kiet"] == 200


def test_lamps_stand_in_the_city_some_thirty_metres_apart_along_their_side() -> None:
    fleet = build_fleet()
    west, south, east, north = BOUNDS
    assert ((fleet.lon > west) & (fleet.lon < east) & (fleet.lat > south) & (fleet.lat < north)).all()
    for street in range(len(fleet.streets)):
        on = fleet.street == street
        here = np.column_stack((fleet.lon[on] * np.cos(np.radians(11)), fleet.lat[on])) * METRES_PER_DEGREE
        # Lamps alternate between two sides, so the next one but one is on the same; on one side it is two gaps away.
        gaps = np.median(np.hypot(*(here[2:] - here[:-2]).T))
        assert 28 <= gaps <= 62, fleet.streets[street].slug


def test_it_is_the_same_each_time() -> None:
    first, second = build_fleet(), build_fleet()
    assert first.names == second.names
    assert np.array_equal(first.lon, second.lon)


def test_a_small_fleet_has_as_many_as_asked_for() -> None:
    fleet = small_fleet(7, 3)
    assert (fleet.lamps, fleet.cabinets) == (7, 3)
    assert np.bincount(fleet.cabinet, minlength=3).min() >= 1
    assert small_fleet(1, 4).cabinets == 1

"""What people write as a unit is read as what they mean, or not at all."""

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.observations import units
from dothi.core.observations.units.grammar import is_code
from dothi.core.observations.units.rules import read
from dothi.core.observations.units.words import BASES, EXACT, FOLDED, PHRASES, QUDT


@pytest.mark.parametrize(
    ("symbol", "code"),
    [
        ("°C", "Cel"),
        ("℃", "Cel"),
        ("oC", "Cel"),
        ("Cel", "Cel"),
        ("µg/m³", "ug/m3"),
        ("μg/m3", "ug/m3"),
        ("ug/m^3", "ug/m3"),
        ("µg m⁻³", "ug.m-3"),
        ("mg / L", "mg/L"),
        ("m³/s", "m3/s"),
        ("m3/h", "m3/h"),
        ("L/s", "L/s"),
        ("%", "%"),
        ("kWh", "kW.h"),
        ("kwh", "kW.h"),
        ("kW h", "kW.h"),
        ("gCO2/kWh", None),
        ("g/kWh", "g/(kW.h)"),
        ("kWh/m²", "kW.h/m2"),
        ("lx", "lx"),
        ("lux", "lx"),
        ("W", "W"),
        ("mW", "mW"),
        ("MW", "MW"),
        ("km/h", "km/h"),
        ("kph", "km/h"),
        ("mph", "[mi_i]/h"),
        ("pH", "[pH]"),
        ("ppm", "[ppm]"),
        ("dB(A)", "dB[SPL]{A}"),
        ("NTU", "{NTU}"),
        ("CFU/100mL", "[CFU]/(100.mL)"),
        ("µS/cm", "uS/cm"),
        ("xe/giờ", "{vehicles}/h"),
        ("veh/h", "{vehicles}/h"),
        ("MB", "MBy"),
        ("°", "deg"),
        ("hPa", "hPa"),
        ("mm", "mm"),
        ("C", None),
        ("bananas", None),
        ("(((", None),
        ("x" * 500, None),
    ],
)
def test_symbols(symbol: str, code: str | None) -> None:
    assert read({"name": "", "symbol": symbol, "definition": ""}) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Degree Celsius", "Cel"),
        ("độ C", "Cel"),
        ("Micrograms per cubic metre", "ug/m3"),
        ("microgam trên mét khối", "ug/m3"),
        ("mét khối trên giây", "m3/s"),
        ("Cubic meters per second", "m3/s"),
        ("ki-lô-mét trên giờ", "km/h"),
        ("Kilowatt-hour", "kW.h"),
        ("kilowatt giờ", "kW.h"),
        ("Lux", "lx"),
        ("Percent", "%"),
        ("vehicles per hour", "{vehicles}/h"),
        ("coulomb", "C"),
        ("dimensionless", "1"),
        ("something else", None),
    ],
)
def test_names(name: str, code: str | None) -> None:
    assert read({"name": name, "symbol": "C" if code in ("Cel", "C") else None, "definition": None}) == code


@pytest.mark.parametrize(
    ("definition", "code"),
    [
        ("ucum:Cel", "Cel"),
        ("http://www.opengis.net/def/uom/UCUM/0/ug/m3", "ug/m3"),
        ("http://www.opengis.net/def/uom/UCUM/m3%2Fs", "m3/s"),
        ("urn:ogc:def:uom:UCUM::kW.h", "kW.h"),
        ("http://qudt.org/vocab/unit/MicroGM-PER-M3", "ug/m3"),
        ("https://qudt.org/vocab/unit/DEG_C", "Cel"),
        ("http://qudt.org/vocab/unit/KiloW-HR", "kW.h"),
        ("unit:M3-PER-SEC", "m3/s"),
        ("http://qudt.org/vocab/unit/PER-M", "/m"),
        ("http://qudt.org/vocab/unit/LUX", "lx"),
        ("http://www.qudt.org/qudt/owl/1.0.0/unit/Instances.html#DegreeCelsius", "Cel"),
        ("http://www.qudt.org/qudt/owl/1.0.0/unit/Instances.html/Lumen", "lm"),
        ("http://qudt.org/vocab/unit/FURLONG-PER-FORTNIGHT", None),
        ("https://example.org/units/widgets", None),
    ],
)
def test_definitions(definition: str, code: str | None) -> None:
    assert read({"definition": definition}) == code


def test_the_definition_counts_more_than_the_symbol() -> None:
    assert read({"name": "Degree Celsius", "symbol": "K", "definition": "ucum:Cel"}) == "Cel"
    assert read({"name": "Volt", "symbol": "V", "definition": "https://example.org/unit"}) == "V"


def test_nothing_given_is_no_unit() -> None:
    assert read({"name": None, "symbol": None, "definition": None}) == "1"


def test_every_code_that_is_given_for_a_word_is_one() -> None:
    wrong = [code for table in (EXACT, FOLDED, BASES, PHRASES, QUDT) for code in table.values() if not is_code(code)]
    assert wrong == []


texts = st.none() | st.text(max_size=30) | st.text(alphabet="µmgks/³².·^- °CWh(){}[]%123ucum:", max_size=20)


@given(st.fixed_dictionaries({"name": texts | st.integers(), "symbol": texts, "definition": texts}))
def test_whatever_is_given_the_answer_is_a_code_or_none(unit: dict[str, Any]) -> None:
    code = read(unit)
    assert code is None or is_code(code)


def test_a_unit_that_cannot_be_read_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert units.ucum_of('{"name": "Bananas", "symbol": "bnn", "definition": ""}') is None
        assert units.ucum_of('{"name": "Watt", "symbol": "W", "definition": ""}') == "W"
        assert units.ucum_of(None) is None
        assert units.ucum_of("[]") is None
    assert caplog.text.count("bnn") == 1

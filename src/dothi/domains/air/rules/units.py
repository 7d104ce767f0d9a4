"""Concentrations in the unit that limits are written in."""

from typing import Final

from dothi.domains.air.types import Measurement

MOLAR_G: Final = {"O3": 48.0, "NO2": 46.006, "SO2": 64.064, "CO": 28.010, "NO": 30.006}
"""Grams of a mole."""
LITRES: Final = 24.465
"""Of a mole of gas at 25 °C and 1,013.25 hPa, the state that limits are written for."""
_MASS: Final = {"µg/m³": 1.0, "μg/m³": 1.0, "ug/m3": 1.0, "mg/m³": 1_000.0, "mg/m3": 1_000.0}
_SHARE: Final = {"ppb": 1.0, "ppm": 1_000.0}


def factor(pollutant: str, unit: str, wanted: str) -> float | None:
    """Give what a concentration in `unit` is multiplied by to be in the wanted one; None where that can't be said."""
    if unit == wanted:
        return 1.0
    of, to = _in_mass(pollutant, unit), _in_mass(pollutant, wanted)
    return None if of is None or to is None else of / to


def converted(measured: Measurement, wanted: str) -> Measurement:
    """Give a measurement in the wanted unit, as it is where that can't be said."""
    by = factor(measured.pollutant, measured.unit, wanted)
    if by is None or measured.value is None:
        return measured
    return measured._replace(value=measured.value * by, unit=wanted)


def _in_mass(pollutant: str, unit: str) -> float | None:
    """Give one of a unit in µg/m³."""
    if unit in _MASS:
        return _MASS[unit]
    if unit in _SHARE and pollutant in MOLAR_G:
        return _SHARE[unit] * MOLAR_G[pollutant] / LITRES
    return None

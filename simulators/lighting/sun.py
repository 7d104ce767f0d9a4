"""Where the sun stands, for many places at once: the solar calculator of NOAA, after Meeus, in numpy."""

from typing import Final, NamedTuple

import numpy as np

from simulators.lighting.frame import Bools, Floats

HORIZON_DEGREES: Final = -0.833
"""The sun's centre at sunset: half its disc and the refraction of the air below the horizon."""
SIN_HORIZON: Final = float(np.sin(np.radians(HORIZON_DEGREES)))
DAY_S: Final = 86_400.0
J2000_S: Final = 946_728_000.0
"""2000-01-01 12:00 UTC as seconds of Unix time."""


class Sun(NamedTuple):
    """The sun at moments: its declination in radians and the equation of time in minutes."""

    declination: Floats
    equation_min: Floats


def sun_at(epoch_s: Floats | float) -> Sun:
    """Give the sun at moments of Unix time, of any shape; good to 0.01° for the years 1950 to 2050.

    Source: NOAA Global Monitoring Laboratory, "Solar Calculation Details", after Meeus, Astronomical Algorithms.
    """
    century = (np.asarray(epoch_s, dtype=float) - J2000_S) / DAY_S / 36_525.0
    mean_longitude = np.radians(280.46646 + century * (36_000.76983 + century * 0.0003032))
    anomaly = np.radians(357.52911 + century * (35_999.05029 - 0.0001537 * century))
    eccentricity = 0.016708634 - century * (0.000042037 + 0.0000001267 * century)
    centre = (
        np.sin(anomaly) * (1.914602 - century * (0.004817 + 0.000014 * century))
        + np.sin(2 * anomaly) * (0.019993 - 0.000101 * century)
        + np.sin(3 * anomaly) * 0.000289
    )
    node = np.radians(125.04 - 1934.136 * century)
    longitude = mean_longitude + np.radians(centre - 0.00569 - 0.00478 * np.sin(node))
    obliquity = np.radians(23.43929111 - 0.0130042 * century + 0.00256 * np.cos(node))
    y = np.tan(obliquity / 2) ** 2
    equation = (
        y * np.sin(2 * mean_longitude)
        - 2 * eccentricity * np.sin(anomaly)
        + 4 * eccentricity * y * np.sin(anomaly) * np.cos(2 * mean_longitude)
        - 0.5 * y * y * np.sin(4 * mean_longitude)
        - 1.25 * eccentricity * eccentricity * np.sin(2 * anomaly)
    )
    declination = np.arcsin(np.sin(obliquity) * np.sin(longitude))
    return Sun(declination, np.degrees(equation) * 4.0)


def hour_angle(lon: Floats | float, epoch_s: Floats | float, sun: Sun) -> Floats:
    """Give the sun's hour angle in radians, from -π to π: 0 at the place's noon, positive after it."""
    minutes = np.asarray(epoch_s) % DAY_S / 60.0 + sun.equation_min + 4.0 * np.asarray(lon)
    return np.asarray(np.radians((minutes / 4.0) % 360.0 - 180.0))


def elevation_degrees(lon: Floats | float, lat: Floats | float, epoch_s: Floats | float) -> Floats:
    """Give the sun's height above the horizon, without refraction; arguments broadcast."""
    sun = sun_at(epoch_s)
    height = _sin_height(np.radians(lat), sun.declination, hour_angle(lon, epoch_s, sun))
    return np.asarray(np.degrees(np.arcsin(np.clip(height, -1.0, 1.0))))


def is_dark(lon: Floats | float, lat: Floats | float, epoch_s: Floats | float) -> Bools:
    """Tell whether the sun is down; holds on any day and at any latitude, midnight sun included."""
    sun = sun_at(epoch_s)
    return np.asarray(_sin_height(np.radians(lat), sun.declination, hour_angle(lon, epoch_s, sun)) < SIN_HORIZON)


def _sin_height(latitude: Floats | float, declination: Floats, angle: Floats) -> Floats:
    return np.asarray(
        np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(angle), dtype=float
    )


def night(lon: Floats, lat: Floats, noon_s: Floats) -> tuple[Floats, Floats]:
    """Give sunset and the next sunrise as Unix time, for the nights that follow moments near noon.

    Where the sun doesn't set, the night has no length (both are the midnight); where it doesn't rise, it lasts from
    noon to noon. Arguments broadcast.
    """
    sun = sun_at(noon_s)
    transit = noon_s - np.degrees(hour_angle(lon, noon_s, sun)) * 240.0
    return _crossing(lon, lat, transit, 1.0), _crossing(lon, lat, transit + DAY_S, -1.0)


def _crossing(lon: Floats, lat: Floats, transit: Floats, direction: float) -> Floats:
    """Go from noon to where the sun stands on the horizon; twice more with the sun of that moment."""
    latitude = np.radians(lat)
    moment = transit + direction * DAY_S / 4
    for _ in range(3):
        sun = sun_at(moment)
        wanted = (SIN_HORIZON - np.sin(latitude) * np.sin(sun.declination)) / (
            np.cos(latitude) * np.cos(sun.declination)
        )
        angle = direction * np.arccos(np.clip(wanted, -1.0, 1.0))
        moment = moment + np.degrees(angle - hour_angle(lon, moment, sun)) * 240.0
    return np.asarray(moment, dtype=float)

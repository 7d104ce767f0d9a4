"""Where the sun stands and when it sets and rises, for many places at once, by NOAA's equations."""

from typing import Final, NamedTuple

import numpy as np

from dothi.domains.lighting.types.schedule import Floats

HORIZON: Final = -0.833
"""Degrees of the sun's centre at sunset: half its disc and the usual refraction lie between it and the horizon."""
DAY_S: Final = 86_400.0
HALF_DAY_S: Final = DAY_S / 2
_J2000_S: Final = 946_728_000.0
"""2000-01-01 12:00 UTC as seconds of Unix time."""
_HALVINGS: Final = 21
"""A quarter of a second is left of half a day after 18; these leave 0.02 s."""


class Sun(NamedTuple):
    """The sun at moments: its apparent declination in radians and the equation of time in minutes."""

    declination: Floats
    equation_min: Floats


class Darkness(NamedTuple):
    """Solar days as arrays of seconds of Unix time, `[places, days]`: from the sun's noon to its next.

    `sunset` and `sunrise` are NaN where the sun doesn't cross the horizon in that half of the solar day.
    `begin` and `end` span the dark: from sunset, or noon in a polar night, to sunrise, or noon; both are NaN where the
    sun doesn't go down.
    """

    sunset: Floats
    sunrise: Floats
    begin: Floats
    end: Floats


def sun_at(epoch_s: Floats) -> Sun:
    """Give the sun at moments of Unix time (seconds), of any shape, good to 0.01° for the years 1900 to 2100.

    Source: NOAA Global Monitoring Laboratory, "Solar Calculation Details" (the Solar Calculator's equations), after
    Jean Meeus, Astronomical Algorithms, 2nd edition, chapters 22, 25 and 28.
    """
    t = (epoch_s - _J2000_S) / DAY_S / 36_525.0
    mean_longitude = np.radians(280.46646 + t * (36_000.76983 + t * 0.0003032))
    anomaly = np.radians(357.52911 + t * (35_999.05029 - 0.0001537 * t))
    eccentricity = 0.016708634 - t * (0.000042037 + 0.0000001267 * t)
    centre = (
        np.sin(anomaly) * (1.914602 - t * (0.004817 + 0.000014 * t))
        + np.sin(2 * anomaly) * (0.019993 - 0.000101 * t)
        + np.sin(3 * anomaly) * 0.000289
    )
    node = np.radians(125.04 - 1934.136 * t)
    longitude = mean_longitude + np.radians(centre - 0.00569 - 0.00478 * np.sin(node))
    mean_obliquity = 23.0 + (26.0 + (21.448 - t * (46.815 + t * (0.00059 - t * 0.001813))) / 60.0) / 60.0
    obliquity = np.radians(mean_obliquity + 0.00256 * np.cos(node))
    y = np.tan(obliquity / 2) ** 2
    equation = (
        y * np.sin(2 * mean_longitude)
        - 2 * eccentricity * np.sin(anomaly)
        + 4 * eccentricity * y * np.sin(anomaly) * np.cos(2 * mean_longitude)
        - 0.5 * y * y * np.sin(4 * mean_longitude)
        - 1.25 * eccentricity * eccentricity * np.sin(2 * anomaly)
    )
    return Sun(np.arcsin(np.sin(obliquity) * np.sin(longitude)), 4.0 * np.degrees(equation))


def elevation(lat: Floats, lon: Floats, epoch_s: Floats) -> Floats:
    """Give the height of the sun's centre in degrees, without refraction; arguments (degrees, seconds) broadcast."""
    sun = sun_at(epoch_s)
    true_solar_min = epoch_s % DAY_S / 60.0 + sun.equation_min + 4.0 * lon
    angle = np.radians(true_solar_min / 4.0 - 180.0)
    latitude = np.radians(lat)
    sine = np.sin(latitude) * np.sin(sun.declination) + np.cos(latitude) * np.cos(sun.declination) * np.cos(angle)
    return np.asarray(np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))))


def solar_noons(lon: Floats, first_s: float, days: int) -> Floats:
    """Give `days` moments of the sun's noon at longitudes `[places]`, as `[places, days]`, each a solar day apart.

    The first is the last noon at or before `first_s`, within a minute.
    """
    mean = (first_s - HALF_DAY_S + 240.0 * lon) // DAY_S * DAY_S + HALF_DAY_S - 240.0 * lon
    moments = mean[:, None] + DAY_S * np.arange(-1, days + 1)[None, :]
    noons = moments - 60.0 * sun_at(moments).equation_min
    skipped = (noons[:, 1] > first_s).astype(int)
    later = (noons[:, 2] <= first_s).astype(int) if days else 0
    start = 1 - skipped + later
    return np.take_along_axis(noons, start[:, None] + np.arange(days)[None, :], axis=1)


def darkness(lat: Floats, lon: Floats, first_s: float, days: int) -> Darkness:
    """Give the dark of `days` solar days at places `[places]` (degrees); `first_s` lies in the first solar day."""
    noons = solar_noons(lon, first_s, days + 1)
    before, after = noons[:, :-1], noons[:, 1:]
    midnight = (before + after) / 2
    at, along = lat[:, None], lon[:, None]
    night = elevation(at, along, midnight) < HORIZON
    light_before = elevation(at, along, before) >= HORIZON
    light_after = elevation(at, along, after) >= HORIZON
    sunset = np.where(night & light_before, _crossing(at, along, before, midnight), np.nan)
    sunrise = np.where(night & light_after, _crossing(at, along, after, midnight), np.nan)
    begin = np.where(night, np.where(light_before, sunset, before), np.nan)
    end = np.where(night, np.where(light_after, sunrise, after), np.nan)
    return Darkness(sunset, sunrise, begin, end)


def _crossing(lat: Floats, lon: Floats, light: Floats, dark: Floats) -> Floats:
    """Halve the span between a light and a dark moment until the horizon is found."""
    for _ in range(_HALVINGS):
        middle = (light + dark) / 2
        is_dark = elevation(lat, lon, middle) < HORIZON
        light, dark = np.where(is_dark, light, middle), np.where(is_dark, middle, dark)
    return dark

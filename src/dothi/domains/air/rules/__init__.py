"""Air's rules: what readings mean, the index, limits and the forecast."""

from dothi.domains.air.rules.stations import band_of, describe_station, station_of

__all__ = ["band_of", "describe_station", "station_of"]

"""The door of air: stations here, their years, forecasts and the watch in the modules beside."""

from dothi.domains.air.service.stations import STATIONS, VIEW, get_station, list_stations

__all__ = ["STATIONS", "VIEW", "get_station", "list_stations"]

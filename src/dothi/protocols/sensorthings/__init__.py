"""OGC SensorThings API 1.1: the standard's words over the record."""

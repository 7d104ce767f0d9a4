"""What every simulator has as an outsider: requests with its key, the clock, MQTT, patience, its truth, a door."""

"""Air: what reports to the city's record with the kind AirStation."""

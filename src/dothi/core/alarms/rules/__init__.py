"""Rules of alarms: their states, how a detector's words change them, grouping, delays and titles."""

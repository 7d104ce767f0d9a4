"""Every query of alarms."""

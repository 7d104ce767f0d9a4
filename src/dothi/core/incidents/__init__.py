"""Incidents: the work that what is wrong makes, as work orders from issue to approval."""

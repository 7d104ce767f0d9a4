"""Alarms: what is wrong in the city, who knows of it, and what became of it, in the words of ISA-18.2."""

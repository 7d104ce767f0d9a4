"""The live view: what the city's layers show now, and every change of it as it happens."""

"""The private servers of `dothi up`: found, prepared, started and never left behind."""

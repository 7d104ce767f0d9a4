"""Many Observations at once: as arrays for detectors, as points for charts, as increases of registers."""

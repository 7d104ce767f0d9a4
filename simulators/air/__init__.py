"""Six air stations of a simulated city: an outsider that speaks SensorThings as any station does."""

"""Commands to devices, as Tasks of SensorThings (OGC 17-079r1): made, sent until they are answered, or given up."""

"""The record: Things, Datastreams and Observations of the whole city, in the model of OGC SensorThings 1.1."""

"""MQTT 5: the devices' way in, and the bus between Dothi's processes."""

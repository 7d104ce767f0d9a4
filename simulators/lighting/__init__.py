"""A street lamp with its controller: registers itself over HTTP, then publishes what it measures over MQTT."""

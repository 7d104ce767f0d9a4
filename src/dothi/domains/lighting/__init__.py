"""Street lighting: which lamps are on, what they draw, and how fresh that knowledge is."""

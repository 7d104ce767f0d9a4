"""The wiring of Dothi's parts into running processes."""

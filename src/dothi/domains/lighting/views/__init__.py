"""The pages of lighting."""

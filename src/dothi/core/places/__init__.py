"""Places: administrative units through time, and the base map they are drawn on."""

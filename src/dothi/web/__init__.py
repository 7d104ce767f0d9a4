"""The shell people see: pages, navigation, the map, and who may open what."""

"""DCAT-AP, the profile by which data portals list datasets: the layers, for whoever asks."""

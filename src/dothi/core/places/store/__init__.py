"""Every query of places."""

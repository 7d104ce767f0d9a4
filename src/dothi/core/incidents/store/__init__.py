"""Every query of work orders."""

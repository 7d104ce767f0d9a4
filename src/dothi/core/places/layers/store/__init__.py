"""Every query of layers."""

"""The pages of layers."""

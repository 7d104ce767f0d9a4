"""The pages of air."""

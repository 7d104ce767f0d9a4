"""The wire standards that machines speak to Dothi, one folder each, without business rules."""

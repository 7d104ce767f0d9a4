"""The append-only, hash-chained log of who changed what on the record."""

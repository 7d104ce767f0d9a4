"""Writes revisions as files, in a process of its own."""

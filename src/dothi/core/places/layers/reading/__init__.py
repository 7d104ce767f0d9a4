"""Reads files in a process of its own, with limits, and gives what can be taken."""

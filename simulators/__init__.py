"""Devices and outside systems as vendors build them: they speak public protocols and import nothing of Dothi."""

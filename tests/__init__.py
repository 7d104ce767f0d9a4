"""Tests of what crosses packages; a package's own stand in its folder."""

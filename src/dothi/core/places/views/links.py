"""Addresses of the pages of places, for whoever leads there."""

from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

DIGITS: Final = 5
"""Of a degree: about a metre."""


def dossier_at(lon: float, lat: float) -> str:
    """Give the address of the dossier of a point, degrees of WGS 84."""
    at = f"{lon:.{DIGITS}f},{lat:.{DIGITS}f}"
    return f"{reverse('places:dossier')}?{urlencode({'at': at}, safe=',')}"

"""Who may open which page, for whoever stands above core, and the city that the pages are of."""

from django.conf import settings

from dothi.core.accounts.guard import MARK, actor_of, permission_of, permission_required, public, signed_in
from dothi.kernel.city import City

__all__ = ["MARK", "actor_of", "city", "permission_of", "permission_required", "public", "signed_in"]


def city() -> City:
    """Give the city this process serves."""
    return settings.CITY

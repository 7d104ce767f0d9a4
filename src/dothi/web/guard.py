"""Who may open which page, for whoever stands above core, and the city that the pages are of."""

from django.conf import settings

from dothi.core.accounts.guard import MARK, actor_of, permission_of, permission_required, public, signed_in
from dothi.core.accounts.service import PUBLIC
from dothi.kernel.city import City

__all__ = ["MARK", "PUBLIC", "actor_of", "city", "permission_of", "permission_required", "public", "signed_in"]


def city() -> City:
    """Give the city this process serves."""
    return settings.CITY

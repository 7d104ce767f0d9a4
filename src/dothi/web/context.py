"""What every template knows: the city, its clock, the navigation and who is looking."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from dothi.web import guard, navigation, operations


def shell(request: HttpRequest) -> dict[str, object]:
    """Give the shell's part of a template's context."""
    city = guard.city()
    language = translation.get_language() or city.languages[0]
    actor = guard.actor_of(request)
    return {
        "city": city,
        "city_name": city.names.of(language),
        "city_within": city.within.of(language) if city.within else "",
        "language": language,
        "languages": settings.LANGUAGES,
        "actor": actor,
        "navigation": navigation.items_for(actor, language=language, path=request.path),
        "is_demo": settings.IS_DEMO,
        "search_config": {
            "address": reverse("web:search-offer"),
            "none": gettext("Nothing is called so."),
            "all": gettext("All results"),
        },
        "clock_config": operations.clock_config(city, language=language),
    }

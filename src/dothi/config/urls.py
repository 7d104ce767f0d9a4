"""The people's door: the shell's own pages, and those of each package of core and domains under its slug."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from dothi.kernel.manifest import load_manifests

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("dothi.core.accounts.entrance_urls")),
    path("", include("dothi.web.urls")),
    path("people/", include("dothi.core.accounts.people_urls")),
    path("audit/", include("dothi.core.accounts.audit_urls")),
    *(
        path("" if manifest.has_own_addresses else f"{manifest.id}/", include(f"{manifest.package}.urls"))
        for manifest in load_manifests()
        if find_spec(f"{manifest.package}.urls")
    ),
]
handler400 = "dothi.web.views.bad_request"
handler403 = "dothi.web.views.forbidden"
handler404 = "dothi.web.views.not_found"
handler500 = "dothi.web.views.server_error"

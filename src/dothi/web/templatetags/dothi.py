"""Tags for templates: the built front end, islands, icons and ages."""

import json
from collections.abc import Sequence
from datetime import datetime

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dothi.core.accounts.types import Actor
from dothi.web import build, charts
from dothi.web import panels as added

register = template.Library()


def _address(file: str) -> str:
    return f"{settings.STATIC_URL}build/{file}"


@register.simple_tag
def vite() -> SafeString:
    """Link the built styles and script; without a build, say so in a comment."""
    built = build.current()
    if not built.script:
        return format_html("<!-- {} -->", "The front end is not built: npm run build")
    styles = format_html_join("", '<link rel="stylesheet" href="{}">', ((_address(file),) for file in built.styles))
    script = format_html('<script type="module" src="{}"></script>', _address(built.script))
    return format_html("{}{}", styles, script)


@register.simple_tag
def preload(*modules: str) -> SafeString:
    """Let the browser fetch modules of the front end, such as `map/view`, before the page's script asks for them."""
    known = build.current().modules
    files = dict.fromkeys(file for module in modules for file in known.get(module, ()))
    styles = [_address(file) for file in files if file.endswith(".css")]
    scripts = [_address(file) for file in files if not file.endswith(".css")]
    return format_html(
        "{}{}",
        format_html_join("", '<link rel="modulepreload" href="{}">', ((address,) for address in scripts)),
        format_html_join(
            "", '<link rel="preload" as="style" crossorigin href="{}">', ((address,) for address in styles)
        ),
    )


@register.simple_tag
def island(name: str, config: object = None) -> SafeString:
    """Leave a place where the island of that name mounts itself, with its configuration as JSON."""
    return format_html('<div data-island="{}" data-config="{}"></div>', name, as_config(config))


@register.inclusion_tag("web/chart.html")
def chart(
    shown: charts.Shown,
    title: str,
    *,
    unit: str = "",
    names: Sequence[str] = (),
    limits: Sequence[charts.Limit] = (),
    due: charts.Due | None = None,
    heading: bool = True,
    opened: bool = False,
) -> dict[str, object]:
    """Draw a series of the record, with the same figures as a table; the table needs no script.

    `shown` is what `observations.series.service` gives: a Chart, several of one unit over the same time, or
    Increments. Without `heading` the page says itself what is drawn; with `opened`
    the table is unfolded.
    """
    config = charts.drawing(shown, title=title, unit=unit, names=names, limits=limits, due=due)
    rows = charts.rows(shown, names=names, due=due)
    written = {"rows": rows, "digits": f"{charts.decimals_of(rows)}g", "opened": opened}
    return {"config": config, "title": title, "unit": config["unit"], "heading": heading} | written


@register.simple_tag
def chart_from(address: str, title: str, *, heading: bool = True) -> SafeString:
    """Leave a place for a chart whose drawing, made by `charts.drawing`, is fetched from an address of the site.

    Without `heading` the page says itself what is drawn.
    """
    config = {"src": address, "title": title, "zone": settings.TIME_ZONE}
    return format_html(
        '<figure class="chart"><figcaption{}><b>{}</b></figcaption>{}</figure>',
        "" if heading else format_html(' class="{}"', "visually-hidden"),
        title,
        island("chart", config),
    )


@register.simple_tag(takes_context=True)
def panels(context: template.Context, place: str, subject: object) -> SafeString:
    """Draw what packages add, by their manifests, to a page of another one; `subject` is what the page is about."""
    return added.draw(context["actor"], place, subject, request=context.get("request"))


@register.simple_tag(takes_context=True)
def left_out(context: template.Context, place: str) -> list[str]:
    """Name the panels of a place that whoever looks may not see."""
    return added.left_out(context["actor"], place, language=context["language"])


@register.filter
def may(actor: Actor, permission: str) -> bool:
    """Tell whether whoever looks holds a permission, so that a page offers nothing that would be refused."""
    return actor.may(permission)


@register.filter
def as_config(config: object) -> str:
    """Write a configuration for an island's `data-config`."""
    return json.dumps(config, ensure_ascii=False, separators=(",", ":"))


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """Draw an icon of the sprite; decoration only, so what it says must stand beside it in words."""
    return format_html(
        '<svg class="ico {}" viewBox="0 0 24 24" aria-hidden="true"><use href="{}#{}"></use></svg>',
        size,
        _address(build.current().sprite),
        name,
    )


@register.filter
def age(moment: datetime | None) -> SafeString | str:
    """Write how long ago a moment was; the page counts on by itself. Empty for None."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return format_html(
        '<time class="age num" datetime="{0}" data-at="{0}">{1}</time>', moment.isoformat(), date_format(local, "H:i:s")
    )

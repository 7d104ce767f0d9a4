"""The monthly report as PDF; imported only where one is made, as weasyprint takes much memory."""

from typing import Any, Final

from django.template.loader import render_to_string
from weasyprint import HTML

from dothi.domains.lighting.types.energy import MonthlyReport
from dothi.kernel.city import City
from dothi.kernel.errors import InvalidInput

TEMPLATE: Final = "lighting/energy_report.html"


def pdf_of(report: MonthlyReport, *, city: City, language: str) -> bytes:
    """Write a report as PDF; `language` is the one in use. It fetches nothing from anywhere."""
    context = {
        "report": report,
        "city_name": city.names.of(language),
        "language": language,
        "rows": [*report.streets, report.total],
    }
    document: bytes = HTML(string=render_to_string(TEMPLATE, context), url_fetcher=_refuse).write_pdf()
    return document


def _refuse(url: str, **_options: Any) -> dict[str, Any]:
    raise InvalidInput(f"a report fetches nothing: {url}")

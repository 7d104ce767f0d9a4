"""What lighting measures: the month's energy and service, and how the report is written."""

from dothi.domains.lighting.indicators.monthly import monthly_report
from dothi.domains.lighting.indicators.table import csv_of

__all__ = ["csv_of", "monthly_report"]

"""The door of work orders: issue them, carry them out, approve them, and ask for them."""

from dothi.core.incidents.service.deeds import PERMISSIONS, WORK, carry_out
from dothi.core.incidents.service.issuing import issue
from dothi.core.incidents.service.reading import (
    CREATE,
    ROWS,
    VIEW,
    count_orders,
    find_photo,
    get_order,
    list_departments,
    list_orders,
    list_orders_at,
    list_orders_for,
    list_receivers,
)

__all__ = [
    "CREATE",
    "PERMISSIONS",
    "ROWS",
    "VIEW",
    "WORK",
    "carry_out",
    "count_orders",
    "find_photo",
    "get_order",
    "issue",
    "list_departments",
    "list_orders",
    "list_orders_at",
    "list_orders_for",
    "list_receivers",
]

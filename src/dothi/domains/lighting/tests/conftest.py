"""Fixtures of lighting's tests: lamps and cabinets as devices register them."""

import json
from collections.abc import Callable

import pytest
from django.db import connection

AddLight = Callable[..., int]


@pytest.fixture
def add_light(register_thing: Callable[..., int]) -> AddLight:
    """Register a lamp, or with `cabinet=""` a cabinet, with the properties that devices give; gives its id."""

    def add(name: str, *, serial: str, cabinet: str = "", street: str = "", programme: str = "new_city") -> int:
        kind = "Streetlight" if cabinet else "StreetlightControlCabinet"
        thing_id = register_thing(name, kind=kind)
        properties = {"serial": serial, "programme": programme}
        if cabinet:
            properties |= {"cabinet": cabinet, "street": street, "street_name": street.replace("-", " ").title()}
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE observations_thing SET properties = properties || %s::jsonb WHERE id = %s",
                [json.dumps(properties), thing_id],
            )
        return thing_id

    return add

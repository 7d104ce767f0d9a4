"""The service described as OpenAPI 3.1, made from the tables that questions are compiled by."""

from typing import Any, Final

import msgspec

from dothi.core.observations.query.tables import BY_SET, Kind, Navigation, Table
from dothi.core.observations.query.types import MAX_TOP, Entity
from dothi.protocols.sensorthings.formats import ResultFormat
from dothi.protocols.sensorthings.linking import LINKED_BY_CHANGE

Schema = dict[str, Any]

_INTERVAL: Final = "a time, or two with a slash between them (ISO 8601)"
_TYPES: Final[dict[Kind, Schema]] = {
    Kind.NUMBER: {"type": ["number", "null"]},
    Kind.TEXT: {"type": "string"},
    Kind.TIME: {"type": ["string", "null"], "format": "date-time"},
    Kind.PERIOD: {"type": "string", "description": _INTERVAL},
    Kind.GEOMETRY: {"type": "object", "description": "GeoJSON"},
    Kind.JSON: {},
}
_ERROR: Final[Schema] = {
    "type": "object",
    "required": ["code", "message", "type"],
    "properties": {
        "code": {"type": "integer"},
        "message": {"type": "string"},
        "type": {"const": "error"},
        "place": {"type": "string", "description": "the part of the request that is at fault"},
    },
}
_TEXT: Final[Schema] = {"type": "string", "minLength": 1}
_OPTIONS: Final[dict[str, tuple[Schema, str]]] = {
    "$filter": (_TEXT, "which entities"),
    "$orderby": (_TEXT, "in which order"),
    "$select": (_TEXT, "which properties"),
    "$expand": (_TEXT, "which entities go along"),
    "$top": ({"type": "integer", "minimum": 0, "maximum": MAX_TOP}, "how many in a page"),
    "$skip": ({"type": "integer", "minimum": 0, "maximum": 10**18 - 1}, "how many are passed over"),
    "$count": ({"enum": ["true", "false", "exact", "estimated", "none"]}, "whether all are counted"),
    "$resultFormat": ({"enum": list(ResultFormat)}, "in which form"),
}
_OF_ONE: Final = ("$select", "$expand")
_PATCHES: Final = ("application/json", "application/merge-patch+json", "application/json-patch+json")
_FIXED: Final = frozenset({Entity.TASK})
_NUMBER: Final[Schema] = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "format": "int64"},
}
_LINK: Final[Schema] = {
    "type": "object",
    "required": ["@iot.id"],
    "properties": {"@iot.id": {"type": "integer", "minimum": 1}},
}


def describe(base: str) -> bytes:
    """Give the description as JSON; `base` is the service's address."""
    paths: dict[str, Schema] = {
        "/": {"get": _operation("frontPage", "the entity sets and what is kept of the standard")}
    }
    for table in BY_SET.values():
        paths[f"/{table.set_name}"] = _list(table)
        paths[f"/{table.set_name}({{id}})"] = _one(table)
        for link in table.navigations if table.entity not in LINKED_BY_CHANGE else ():
            paths[f"/{table.set_name}({{id}})/{link.name}/$ref"] = _link(table, link)
    paths["/CreateObservations"] = {"post": _written("CreateObservations", "Observations as rows", {"type": "array"})}
    paths["/$batch"] = {"post": _written("batch", "many requests in one", _BATCH, status="200")}
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": "Dothi: OGC SensorThings API", "version": base.rpartition("/v")[2]},
            "servers": [{"url": base}],
            "paths": paths,
            "components": {
                "schemas": {"Error": _ERROR, **{table.entity.value: _entity(table) for table in BY_SET.values()}},
                "securitySchemes": {
                    "token": {"type": "http", "scheme": "bearer"},
                    "password": {"type": "http", "scheme": "basic"},
                },
            },
            "security": [{"token": []}, {"password": []}, {}],
        }
    )


_BATCH: Final[Schema] = {
    "type": "object",
    "required": ["requests"],
    "properties": {
        "requests": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "method", "url"],
                "properties": {
                    "id": {"type": ["string", "integer"]},
                    "method": {"enum": ["get", "post", "put", "patch", "delete"]},
                    "url": {"type": "string"},
                    "atomicityGroup": {"type": "string"},
                    "body": {},
                },
            },
        }
    },
}


def _entity(table: Table) -> Schema:
    named = {field.name: _TYPES[field.kind] for field in table.fields}
    links = {link.name: {"type": "array"} if link.many else {"type": ["object", "null"]} for link in table.navigations}
    return {"type": "object", "properties": named | links}


def _reference(table: Table) -> Schema:
    return {"$ref": f"#/components/schemas/{table.entity}"}


def _list(table: Table) -> Schema:
    whole = {"type": "object", "required": ["value"], "properties": {"value": {"type": "array"}}}
    found: Schema = {"get": _operation(f"list{table.set_name}", f"a page of {table.set_name}", _OPTIONS, content=whole)}
    found["post"] = _written(f"create{table.entity}", f"make a {table.entity}", _reference(table))
    if table.entity not in _FIXED:
        only = {"$filter": _OPTIONS["$filter"]}
        found["delete"] = _operation(f"delete{table.set_name}", "delete what the filter finds", only)
    return found


def _one(table: Table) -> Schema:
    name = table.entity.value
    options = {option: _OPTIONS[option] for option in _OF_ONE}
    found: Schema = {"parameters": [_NUMBER]}
    found["get"] = _operation(f"get{name}", f"one {name}", options, content=_reference(table))
    if table.entity not in _FIXED:
        found["patch"] = _operation(f"change{name}", f"change a {name}", body={kind: {} for kind in _PATCHES})
        found["put"] = _operation(f"replace{name}", f"replace a {name}", body={"application/json": _reference(table)})
        found["delete"] = _operation(f"delete{name}", f"delete a {name}, and what can't be without it")
    return found


def _link(table: Table, link: Navigation) -> Schema:
    """Describe the addresses of an entity's links to others of one kind."""
    name, body = f"{table.entity}{link.name}", {"application/json": _LINK}
    found: Schema = {"parameters": [_NUMBER], "get": _operation(f"links{name}", f"addresses of {link.name}")}
    if link.many:
        found["post"] = _operation(f"link{name}", f"link one more of {link.name}", body=body, status="204")
    else:
        found["put"] = _operation(f"link{name}", f"let the link lead to another {link.name}", body=body, status="204")
    return found


def _written(name: str, summary: str, schema: Schema, *, status: str = "201") -> Schema:
    return _operation(name, summary, body={"application/json": schema}, status=status)


def _operation(
    name: str,
    summary: str,
    options: dict[str, tuple[Schema, str]] | None = None,
    *,
    content: Schema | None = None,
    body: dict[str, Schema] | None = None,
    status: str = "200",
) -> Schema:
    answers: Schema = {status: {"description": summary}, "204": {"description": "done, and nothing to show"}}
    if content is not None:
        answers[status]["content"] = {
            "application/json": {"schema": content},
            "text/csv": {},
            "application/geo+json": {},
        }
    refusal = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    answers |= {code: {"description": "refused", "content": refusal} for code in ("4XX", "503")}
    found: Schema = {"operationId": name, "summary": summary, "responses": answers}
    if options:
        found["parameters"] = [
            {"name": option, "in": "query", "schema": schema, "description": text}
            for option, (schema, text) in options.items()
        ]
    if body is not None:
        content_types = {kind: {"schema": schema} for kind, schema in body.items()}
        found["requestBody"] = {"required": True, "content": content_types}
    return found

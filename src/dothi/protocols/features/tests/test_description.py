"""The description of the addresses is OpenAPI 3.0, in each of its parts."""

from dothi.protocols.features.description import VERSION, as_30, with_forms


def test_the_words_of_31_become_those_of_30() -> None:
    told = {
        "openapi": "3.1.0",
        "a": {"anyOf": [{"type": "string", "maxLength": 9}, {"type": "null"}], "title": "A"},
        "b": {"anyOf": [{"$ref": "#/b"}, {"type": "null"}]},
        "c": {"const": "x", "type": "string", "examples": ["x", "y"]},
        "d": {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}], "minItems": 2},
        "e": {"type": "number", "exclusiveMinimum": 0, "maximum": 5},
        "f": [{"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}],
    }
    assert as_30(told) == {
        "openapi": VERSION,
        "a": {"type": "string", "maxLength": 9, "title": "A", "nullable": True},
        "b": {"anyOf": [{"$ref": "#/b"}], "nullable": True},
        "c": {"enum": ["x"], "type": "string", "example": "x"},
        "d": {"type": "array", "items": {"type": "number"}, "minItems": 2},
        "e": {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 5},
        "f": [{"anyOf": [{"type": "string"}, {"type": "integer"}], "nullable": True}],
    }


def test_parameters_of_a_query_have_a_form() -> None:
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 0}}
    told = with_forms({"paths": {"/items": {"get": {"parameters": [limit, {"name": "id", "in": "path"}]}}}})
    assert told["paths"]["/items"]["get"]["parameters"] == [
        {**limit, "style": "form", "explode": False, "schema": {"type": "integer", "minimum": 1}},
        {"name": "id", "in": "path"},
    ]

"""The API's reference as a page of the site, made from its OpenAPI document: no script, no other origin."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from ninja import NinjaAPI

from jianzai.sentences import say

_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter or property: ``kind`` is its type as a reader would write it."""

    name: str
    kind: str
    where: str = ""  # path, query, body
    required: bool = True


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    sentence: str
    scope: str
    fields: list[Field]
    answers: list[tuple[int, str, str]]  # status, its phrase, schema


@require_safe
def reference(request: HttpRequest, api: NinjaAPI) -> HttpResponse:
    """Every route with parameters and answers, and every schema."""
    document = api.get_openapi_schema()
    operations = [
        _operation(method, path, described, document["components"]["schemas"])
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    ]
    schemas = [
        (name, [_property(key, value, schema) for key, value in schema["properties"].items()])
        for name, schema in sorted(document["components"]["schemas"].items())
        if "properties" in schema
    ]
    return render(request, "api/reference.html", {"operations": operations, "schemas": schemas})


def _operation(method: str, path: str, described: dict, schemas: dict) -> Operation:
    fields = [
        Field(one["name"], _kind(one["schema"]), one["in"], one.get("required", False))
        for one in described.get("parameters", [])
    ]
    for content in described.get("requestBody", {}).get("content", {}).values():
        schema = content["schema"]
        if "$ref" in schema:
            schema = schemas[_kind(schema)]
        fields += [
            Field(name, "file" if value.get("format") == "binary" else _kind(value), "body")
            for name, value in schema["properties"].items()
        ]
    answers = [
        (
            int(status),
            HTTPStatus(int(status)).phrase,
            _kind(answer.get("content", {}).get(_JSON, {}).get("schema", {})),
        )
        for status, answer in described["responses"].items()
    ]
    name = described["operationId"].removeprefix("jianzai_api_people_").removeprefix("jianzai_api_exchange_")
    scope = described["x-scope"]
    return Operation(method.upper(), path, say(f"api.operation_{name}"), scope, fields, answers)


def _property(name: str, value: dict, schema: dict) -> Field:
    return Field(name, _kind(value), required=name in schema.get("required", []))


def _kind(schema: dict) -> str:
    """``integer``, ``date``, ``OrderRow``, ``list of OrderRow``, ``string or null``."""
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    return schema.get("format") or schema.get("type", "")

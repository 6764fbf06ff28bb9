"""GET /docs: the API's description as a page, made from the same description that programs read."""

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from lampwatch.publish.render import render
from lampwatch.publish.site import Here

router = APIRouter()


class Parameter(msgspec.Struct, frozen=True):
    """One parameter: its name, what may be given, what holds without it, and what it means."""

    name: str
    takes: str
    default: str
    description: str
    required: bool


class Route(msgspec.Struct, frozen=True):
    """One route: how it is asked, what it promises, and the fields of its answer."""

    verb: str
    path: str
    anchor: str
    summary: str
    description: str
    parameters: list[Parameter]
    shape: str
    fields: list[tuple[str, str]]


@router.get("/docs")
def api_docs(site: Here, request: Request) -> Response:
    """Show every route with its parameters and the shape of its answer."""
    described = request.app.openapi()
    routes: dict[str, list[Route]] = {}
    for path, verbs in described["paths"].items():
        for verb, operation in verbs.items():
            tag = (operation.get("tags") or ["Other"])[0]
            routes.setdefault(tag, []).append(_route(verb, path, operation, described))
    return render(
        site,
        "docs.html",
        title=described["info"]["title"],
        groups=routes,
        description=described["info"]["description"],
    )


def _route(verb: str, path: str, operation: Mapping[str, Any], described: Mapping[str, Any]) -> Route:
    schema = (
        operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
    )
    shape, fields = _fields(schema, described)
    anchor = f"{verb}-{path}".replace("/", "-").replace("{", "").replace("}", "").replace("--", "-")
    return Route(
        verb.upper(),
        path,
        anchor,
        operation.get("summary", ""),
        operation.get("description", ""),
        [_parameter(each, described) for each in operation.get("parameters", [])],
        shape,
        fields,
    )


def _parameter(given: Mapping[str, Any], described: Mapping[str, Any]) -> Parameter:
    schema = given["schema"]
    default = schema.get("default")
    shown = (
        ""
        if default in (None, (), [])
        else str(default).lower()
        if isinstance(default, bool)
        else str(default)
    )
    required = bool(given.get("required"))
    meaning = given.get("description", "") or schema.get("description", "")
    return Parameter(given["name"], _takes(schema, described), shown, meaning, required)


def _takes(schema: Mapping[str, Any], described: Mapping[str, Any]) -> str:
    """What a value looks like: its allowed values, else its type."""
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"])
    if "anyOf" in schema:
        kinds = [_takes(each, described) for each in schema["anyOf"] if each.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        of = described["components"]["schemas"].get(name, {})
        return _takes(of, described) if "enum" in of else name
    if schema.get("type") == "array":
        return f"list of {_takes(schema.get('items', {}), described)}"
    kind = str(schema.get("type", "any"))
    form = schema.get("format")
    return {"date-time": "date or time"}.get(str(form), kind)


def _fields(schema: Mapping[str, Any], described: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """An answer's name and its fields, one level deep; nested shapes are named."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    shape = described.get("components", {}).get("schemas", {}).get(name, {})
    return shape.get("description", ""), [
        (field, _takes(of, described)) for field, of in shape.get("properties", {}).items()
    ]

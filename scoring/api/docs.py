"""The page that says how to ask: made of the OpenAPI document, without any script."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.tokens import SCOPES
from accounts.views.for_all import for_all
from scoring.api.problems import KINDS

_STAND_INS = {  # by type and format, where a field has no example of its own
    ("string", "date"): "2026-11-21",
    ("string", "date-time"): "2026-11-21T06:10:00Z",
    ("string", ""): "",
    ("integer", ""): 1,
    ("number", ""): 1.5,
    ("boolean", ""): False,
    ("null", ""): None,
}
_SAMPLES = {  # of parts of addresses
    "handle": "nora",
    "topic": "django",
    "link": "7",
    "case": "12",
    "kind": "badge_earned",
    "perk": "fieldnote-a5-notebook",
    "claim": "7f1f3f0e-0000-4000-8000-000000000000",
}


_PYTHON = """\
import json, os, urllib.request

token = os.environ["TOKEN"]
asked = urllib.request.Request(
    "{base}/api/v1/me/score", headers={{"Authorization": f"Bearer {{token}}"}}
)
with urllib.request.urlopen(asked, timeout=10) as answer:
    print(json.load(answer)["score"])
"""


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a body or an answer."""

    name: str
    where: str
    type: str
    needed: bool
    words: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked, as the page shows it."""

    anchor: str
    method: str
    path: str
    summary: str
    words: str
    scope: str  # "" where no token is needed
    optional: bool
    parameters: list[Field]
    fields: list[Field]
    curl: str
    example: str


def page(openapi: Callable[[], Mapping[str, Any]]) -> Callable[..., HttpResponse]:
    """Return the view of a document. It is the same for everybody."""

    @for_all
    def api_docs(request: HttpRequest) -> HttpResponse:
        document = openapi()
        base = f"{request.scheme}://{request.get_host()}"
        groups: dict[str, list[Operation]] = {}
        for path, methods in document["paths"].items():
            for method, one in methods.items():
                told = _operation(document, base, path, method, one)
                groups.setdefault(one["tags"][0], []).append(told)
        context = {
            "groups": groups.items(),
            "scopes": SCOPES.items(),
            "problems": sorted(KINDS.items(), key=lambda item: item[1].status),
            "number": settings.API_PER_MINUTE,
            "base": base,
            "python": _PYTHON.format(base=base),
            "read": [path for path, methods in document["paths"].items() if "get" in methods],
            "version": document["info"]["version"],
        }
        return render(request, "scoring/api/docs.html", context)

    return api_docs


def _operation(
    document: Mapping[str, Any], base: str, path: str, method: str, one: Mapping[str, Any]
) -> Operation:
    needed = [scopes[0] for way in one["security"] for scopes in way.values()]
    answer = next(iter(one["responses"].values()))
    schema = answer["content"]["application/json"]["schema"]
    body = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    parameters = [_parameter(each) for each in one.get("parameters", ())]
    if body:
        parameters += _fields(document, body, where=_("body"))
    return Operation(
        anchor=one["operationId"],
        method=method.upper(),
        path=path,
        summary=one["summary"],
        words=one.get("description", ""),
        scope=needed[0] if needed else "",
        optional={} in one["security"],
        parameters=parameters,
        fields=_fields(document, schema, where=""),
        curl=_curl(document, base, path, method, one, body),
        example=json.dumps(example(document, schema), indent=2, ensure_ascii=False),
    )


def _parameter(each: Mapping[str, Any]) -> Field:
    schema = each["schema"]
    return Field(
        name=each["name"],
        where=each["in"],
        type=_type(schema),
        needed=each.get("required", False),
        words=schema.get("description", ""),
    )


def _fields(
    document: Mapping[str, Any], schema: Mapping[str, Any], *, where: str, under: str = ""
) -> list[Field]:
    """Return the fields of a schema, those of what is in it as well: "days[].score"."""
    schema = _resolved(document, schema)
    found = []
    for name, each in schema.get("properties", {}).items():
        inner, many = _inner(document, each)
        called = f"{under}{name}{'[]' if many else ''}"
        found.append(
            Field(
                name=called,
                where=where,
                type=_type(each),
                needed=name in schema.get("required", ()),
                words=each.get("description", inner.get("description", "") if inner else ""),
            )
        )
        if inner and "properties" in inner:
            found += _fields(document, inner, where=where, under=f"{called}.")
    return found


def _inner(
    document: Mapping[str, Any], schema: Mapping[str, Any]
) -> tuple[Mapping[str, Any] | None, bool]:
    """Return the schema of what a field holds, if that has fields, and whether it holds many."""
    for one in schema.get("anyOf", (schema,)):
        if "$ref" in one:
            return _resolved(document, one), False
        if one.get("type") == "array" and "$ref" in one["items"]:
            return _resolved(document, one["items"]), True
    return None, False


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    known: Mapping[str, Any] = document["components"]["schemas"][schema["$ref"].split("/")[-1]]
    return known


def _type(schema: Mapping[str, Any]) -> str:
    """Return the type of a field in a few words: "number or null"."""
    if "anyOf" in schema:
        return _(" or ").join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return _(" or ").join(str(one) for one in schema["enum"])
    kind = "object" if "$ref" in schema else str(schema.get("type", "object"))
    return str(schema.get("format", kind))


def example(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    """Return a value as the schema says it is, by its own examples where it has some."""
    if schema.get("examples"):
        return schema["examples"][0]
    schema = _resolved(document, schema)
    if "anyOf" in schema:
        return example(document, schema["anyOf"][0])
    if "enum" in schema:
        return schema["enum"][-1]
    if schema.get("type") == "array":
        return [example(document, schema["items"])]
    if "properties" in schema:
        return {name: example(document, each) for name, each in schema["properties"].items()}
    return _STAND_INS.get((schema.get("type", ""), schema.get("format", "")))


def _curl(
    document: Mapping[str, Any],
    base: str,
    path: str,
    method: str,
    one: Mapping[str, Any],
    body: Mapping[str, Any] | None,
) -> str:
    """Return a line for a shell that asks for it."""
    asked = []
    for each in one.get("parameters", ()):
        value = _sample(each)
        if each["in"] == "path":
            path = path.replace(f"{{{each['name']}}}", value)
        elif each["in"] == "query" and each.get("required"):
            asked.append(f"{each['name']}={value}")
    lines = [f"curl '{base}{path}{'?' if asked else ''}{'&'.join(asked)}'"]
    if {} not in one["security"]:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    if method not in {"get", "post"}:
        lines.append(f"-X {method.upper()}")
    headers = [each for each in one.get("parameters", ()) if each["in"] == "header"]
    lines += [f"-H '{each['name']}: {_sample(each)}'" for each in headers]
    if body:
        lines.append(f"--json '{json.dumps(example(document, body), ensure_ascii=False)}'")
    return " \\\n  ".join(lines)


def _sample(each: Mapping[str, Any]) -> str:
    """Return a value for a parameter."""
    return str(_SAMPLES.get(each["name"]) or each["schema"].get("examples", [""])[0])

"""Every address of the API, of all apps, and the document that describes them."""

import functools
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import get_language
from pydantic_core import to_json

from perks import api as perks
from scoring.api import (
    docs,
    document,
    links,
    me,
    notices,
    others,
    own,
    page,
    people,
    plusk,
    score,
)
from scoring.api.service import Api, Renderer, nothing, served

BASE = "api/v1/"
_BRACES = str.maketrans("<>", "{}")  # Django's sign for a part of an address, and OpenAPI's

api = Api(
    title="Kloutsite",
    version="1.0.0",
    description="Scores that are explained, topics, +K: what people show, and all of your own.",
    openapi_url=None,
    docs_url=None,
    renderer=Renderer(),
    urls_namespace="api",
)
for _module in (score, me, page, links, own, notices, perks, plusk, others, people):
    api.add_router("", _module.router)


def openapi() -> dict[str, Any]:
    """Return the OpenAPI document, in the language of whoever asks."""
    return _openapi(get_language())


@functools.lru_cache(maxsize=16)
def _openapi(_language: str | None) -> dict[str, Any]:
    return document.completed(dict(api.get_openapi_schema(path_prefix=f"/{BASE}")))


@served
def openapi_json(_request: HttpRequest) -> HttpResponse:
    """Answer the document."""
    return HttpResponse(to_json(openapi()), content_type="application/json")


def _patterns() -> list[URLPattern]:
    """Return the addresses of the operations, each answered as programs need it."""
    return [
        path(
            f"{BASE}{one.pattern}",
            served(one.callback, takes=_parameters(str(one.pattern))),
            name=f"api_{one.name}",
        )
        for one in api.urls[0]
        if isinstance(one, URLPattern) and str(one.pattern)
    ]


def _parameters(route: str) -> frozenset[str]:
    """Return the names of what an address takes after its question mark."""
    operations = openapi()["paths"][f"/{BASE}{route.translate(_BRACES)}"].values()
    told = (one for operation in operations for one in operation["parameters"])
    return frozenset(one["name"] for one in told if one["in"] == "query")


urlpatterns: list[URLPattern] = [
    path("api/", docs.page(openapi), name="api_docs"),
    path(f"{BASE}openapi.json", openapi_json, name="api_openapi"),
    *_patterns(),
    path("api/v1/<path:rest>", nothing, name="api_nothing"),
    path("api/v1/", nothing, name="api_root"),
]

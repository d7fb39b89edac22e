"""The OpenAPI document: what ninja writes from the types, and what it does not know."""

from collections.abc import Collection
from typing import Any

from pydantic import BaseModel

from scoring.api.callers import ALSO, SECURITY
from scoring.api.problems import CONTENT_TYPE, KINDS, ProblemDetails

_REF = "#/components/schemas/{model}"
# Problems of every request, and of those with a body.
_ALWAYS = ("token-in-address", "no-token", "missing-scope", "not-found", "invalid", "too-many")
_WITH_BODY = ("not-json", "too-large", "no-such-format")


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with scopes and with the problems that can be answered."""
    document["components"]["schemas"] |= _schemas_of(ProblemDetails)
    for path in document["paths"].values():
        for operation in path.values():
            operation["security"] = operation.pop(SECURITY)
            for parameter in operation.get("parameters", ()):
                parameter.pop("examples", None)  # ninja's list is none of OpenAPI's
            _add_problems(operation, operation.pop(ALSO, ()))
    return document


def _schemas_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return the schemas of a model and of those in it, by name."""
    schema = model.model_json_schema(ref_template=_REF)
    return {**schema.pop("$defs", {}), model.__name__: schema}


def _add_problems(operation: dict[str, Any], also: Collection[str]) -> None:
    codes = [*_ALWAYS, *also]
    codes += _WITH_BODY if operation.get("requestBody") else ()
    titles: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        titles.setdefault(KINDS[code].status, []).append(str(KINDS[code].title))
    answers = {str(status): answer for status, answer in operation["responses"].items()}
    schema = {"$ref": _REF.format(model=ProblemDetails.__name__)}
    for status, words in sorted(titles.items()):
        answers[str(status)] = {
            "description": "; ".join(words),
            "content": {CONTENT_TYPE: {"schema": schema}},
        }
    operation["responses"] = answers

"""The API itself: how requests become answers, and what all of them share."""

import hashlib
from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation
from ninja.renderers import BaseRenderer
from pydantic_core import to_json

from accounts.faults import written_down
from accounts.tokens import looks_like_one
from accounts.views.for_all import unless_known
from scoring.api import problems
from scoring.api.problems import Fault, Problem

View = Callable[..., HttpResponse]

_PARAMETERS = frozenset({"access_token", "api_key", "apikey", "key", "token"})
_NO_SUCH = "This address takes no such parameter"
_NO_OBJECT = "Input should be an object"
_NO_MODEL = frozenset({"model_type", "model_attributes_type"})  # whose words name a class of ours
_ARGUMENTS = frozenset({"asked_for", "once"})  # of our functions, in what pydantic calls a place
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class Renderer(BaseRenderer):
    """Writes answers as JSON: times in UTC with a Z, numbers as numbers."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:  # noqa: ARG002
        """Return the body of an answer."""
        return to_json(data)


def served(view: View, *, takes: Collection[str] = ()) -> View:
    """Return a view that answers programs: problems as such, ETag, limits.

    takes: the parameters of its address; others are refused, lest a misspelt one be overlooked.
    """

    @csrf_exempt  # nothing here is done in the name of a session
    @login_not_required
    def answered(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        head = request.method == "HEAD"
        request.method = "GET" if head else request.method  # the server leaves the body out
        try:
            _refuse(request, takes)
            with timezone.override(None):  # that of a token's person, once it is known
                response = view(request, *arguments, **named)
        except Problem as problem:
            response = problems.answer(request, problem)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = set(response["Allow"].split(", "))
            allowed |= {"HEAD"} if "GET" in allowed else set()
            allow = {"Allow": ", ".join(sorted(allowed))}
            response = problems.answer(request, Problem("not-allowed", headers=allow))
        response = _finished(request, response)
        request.method = "HEAD" if head else request.method
        return response

    return answered


def _refuse(request: HttpRequest, takes: Collection[str]) -> None:
    """Refuse what an address does not take. Raises Problem."""
    for name, value in request.GET.items():
        if name.lower() in _PARAMETERS or looks_like_one(str(value)):
            raise Problem("token-in-address")
    unknown = [name for name in request.GET if name not in takes]
    if unknown:
        raise _cannot_take([Fault(where=f"query.{name}", what=_NO_SUCH) for name in unknown])
    if request.method in _WITH_BODY and request.content_type != "application/json":
        raise Problem("no-such-format")


def _finished(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Add what programs and caches need to know; nothing may be kept without asking again."""
    allowance = getattr(request, "allowance", None)
    for name, value in allowance.headers().items() if allowance else ():
        response[name] = value
    named = "Authorization" in request.headers  # what is refused to a token is its person's, too
    patch_cache_control(response, no_cache=True, **{"private" if named else "public": True})
    patch_vary_headers(response, ["Authorization", "Accept-Language"])
    response["X-Robots-Tag"] = "noindex"
    if response.status_code != HTTPStatus.OK or request.method != "GET":
        return response
    response["ETag"] = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
    return unless_known(request, response)


class Api(NinjaAPI):
    """The API with problems in place of ninja's own errors."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return the name of an operation: that of its function."""
        return str(operation.view_func.__name__)

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        """Answer whatever went wrong as a problem."""
        return problems.answer(request, _problem_of(request, exc))


def _problem_of(request: HttpRequest, error: Exception) -> Problem:
    """Return what went wrong as a problem, in the words for programs."""
    match error:
        case Problem():
            return error
        case ValidationError():
            return _invalid(error)
        case Http404():
            return Problem("not-found")
        case RequestDataTooBig():
            return Problem("too-large")
        case HttpError() | UnreadablePostError():
            return Problem("not-json")
    said = _("It was written down under number %(report)s. Try again later.")
    return Problem("our-fault", said % {"report": written_down(request, error)})


def _invalid(error: ValidationError) -> Problem:
    """Return what is wrong with a request, one fault a part; a program knows no names of ours."""
    faults: dict[str, Fault] = {}
    for one in error.errors:
        where = _where(one["loc"])
        what = _NO_OBJECT if one["type"] in _NO_MODEL else str(one["msg"])
        faults.setdefault(where, Fault(where=where, what=what))
    return _cannot_take(list(faults.values()))


def _where(place: Collection[str | int]) -> str:
    """Return the part of a request as programs name it: "query.limit", "body.topic", "body"."""
    kind, *parts = (str(part) for part in place if part not in _ARGUMENTS)
    inside = parts[1:] if kind == "body" else parts[:1]  # no argument, and no type that was tried
    return ".".join([kind, *inside])


def _cannot_take(faults: list[Fault]) -> Problem:
    said = ", ".join(dict.fromkeys(one.where for one in faults))
    detail = _("What cannot be taken: %(where)s. “errors” says why.") % {"where": said}
    return Problem("invalid", detail, errors=faults)


@served
def nothing(_request: HttpRequest, **_path: str) -> HttpResponse:
    """Say that no address of the API is called so, and which document names those it has."""
    said = _("The API has no such address. Those it has are in /api/v1/openapi.json and on /api/.")
    raise Problem("not-found", said)

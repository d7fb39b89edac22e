"""One way through for every call: method, callback, key, limits, then what was asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.utils import timezone

from accounts.faults import written_down
from accounts.views.for_all import unless_known
from scoring.klout import keys
from scoring.klout.answers import Refused, callback_of, refusal
from scoring.limits import Limit

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Call:
    """One call that may be answered. path: below the version, without a slash at its end.

    by_id: the user whose key it is. root: where this site begins, "https://klout.example".
    """

    path: str
    query: QueryDict
    callback: str
    by_id: int
    now: datetime
    root: str


def answered(
    request: HttpRequest,
    path: str,
    answer: Callable[[Call], HttpResponse],
    limits: tuple[Limit, ...],
    *,
    key: str = "",
    by_form: bool = False,
) -> HttpResponse:
    """Return what `answer` says to a call, or why it is not answered.

    key: where it does not stand among the parameters. by_form: these may also come by POST.
    """
    callback = ""
    try:
        _check_method(request, by_form=by_form)
        query = _sent(request)
        callback = callback_of(query)
        now = timezone.now()
        token = keys.admit(key or query.get("key", ""), allowed=limits, now=now)
        root = f"{request.scheme}://{request.get_host()}"
        path = path.removesuffix("/")
        told = answer(Call(path, query, callback, token.user_id, now, root))
        return unless_known(request, told)
    except Refused as error:
        return refusal(error, callback=callback)
    except (TooManyFieldsSent, RequestDataTooBig):
        return refusal(Refused(400, "There are too many parameters. Send those that are needed."))
    except Exception as error:  # noqa: BLE001 - clients of that time read JSON, whatever it is
        return refusal(_our_fault(request, error), callback=callback)


def _our_fault(request: HttpRequest, error: Exception) -> Refused:
    """Return that something failed here, with a number that stands in the log too."""
    report = written_down(request, error)
    return Refused(500, f"Something on our side failed. It was written down under {report}.")


def _check_method(request: HttpRequest, *, by_form: bool) -> None:
    if request.method in {"GET", "HEAD"}:
        return
    if not by_form:
        raise Refused(405, "Only GET is answered here.", allow="GET, HEAD")
    if request.method != "POST":
        raise Refused(405, "Only GET and POST are answered here.", allow="GET, HEAD, POST")


def _sent(request: HttpRequest) -> QueryDict:
    """Return the parameters of the address, and those of a form. Raises Refused if it broke off.

    Clients of that time say that their form is in ISO-8859-1, which `request.POST` does not read.
    """
    if request.method != "POST" or request.content_type != _FORM:
        return request.GET
    query = request.GET.copy()
    try:
        query.update(QueryDict(request.body))
    except UnreadablePostError:
        raise Refused(400, "The form broke off. Send it again.") from None
    return query

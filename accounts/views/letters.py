"""Stopping mails from within a mail, without signing in."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import letters, mailing


@csrf_exempt  # the address itself proves who it was sent to; mail programs post to it
@login_not_required
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST stops mails of one sort: mail programs open every address to look at it.

    Source: RFC 8058.
    """
    found = letters.person_of(token)
    if found is None:
        raise Http404(_("This is not an address of ours, or not all of it was copied."))
    user, what = found
    if request.method == "POST":
        mailing.stop(user=user, what=what)
    context = {"done": request.method == "POST", "what": what}
    return render(request, "accounts/letters_stop.html", context)

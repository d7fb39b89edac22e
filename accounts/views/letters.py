"""Stopping mails from within a mail, without signing in."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import letters
from accounts.models import User


@csrf_exempt  # the address itself proves who it was sent to; mail programs post to it
@login_not_required
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST stops mails about links: mail programs open every address to look at it.

    Source: RFC 8058.
    """
    user = letters.person_of(token)
    if user is None:
        raise Http404("not a link of ours")
    if request.method == "POST":
        User.objects.filter(pk=user.pk).update(link_mails=False)
    return render(request, "accounts/letters_stop.html", {"done": request.method == "POST"})

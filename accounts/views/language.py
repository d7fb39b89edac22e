"""The language of a visitor: a press at the foot of the page."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt

from accounts.views import pressed


@login_not_required
@csrf_exempt  # a page that is the same for everybody sets no cookie, and so carries no token
@pressed("landing")
def language(request: HttpRequest) -> HttpResponse:
    """Keep a language in a cookie of this browser, and go back to the page.

    Somebody else's page could press it; it changes no more than the language. People who are signed
    in choose theirs in the settings, and that goes before this one.
    """
    chosen = request.POST.get("language", "")
    back = request.headers.get("Referer", "")  # no page says its own address: some are compared
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = reverse("landing")
    response = redirect(back)
    if chosen not in dict(settings.LANGUAGES):
        return response
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=int(timedelta(days=365).total_seconds()),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response

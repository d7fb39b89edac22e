"""Headers of every answer: content security policy, no sniffing, no framing, no shared caching.

And a page for what Django itself says nothing about.
"""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers

from kloutsite import errors

# No inline script or style, nothing from elsewhere. form-action must name the networks' consent
# pages too, since a form that links an account is answered by a redirect to them: "https:" does.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "form-action 'self' https:{loopback}; frame-ancestors 'none'; base-uri 'none'"
)


def security_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Add the policy to every answer.

    Pages of signed-in people are kept by nobody, others not without asking, unless they say so.
    """
    from django.conf import settings

    # A fake network on loopback answers over plain http.
    names = " http://127.0.0.1:* http://localhost:*"
    loopback = names if settings.ALLOW_INSECURE_HOSTS else ""
    policy = POLICY.format(loopback=loopback)

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), interest-cohort=()"
        )
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            patch_cache_control(response, private=True, no_store=True)
            patch_vary_headers(response, ["Cookie"])
        elif not response.has_header("Cache-Control"):
            patch_cache_control(response, no_cache=True)  # who closes their page is gone at once
        return response

    return middleware


def nothing_unsaid(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let a page say that its address takes no such request: Django has no handler for it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            return errors.not_allowed(request, response)
        return response

    return middleware

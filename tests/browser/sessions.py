"""Signing in without pressing through the pages."""

from typing import TYPE_CHECKING, Any

from django.test import Client, RequestFactory

if TYPE_CHECKING:  # conftest.py imports this before Django's apps are loaded
    from accounts.models import User


def signed_in(user: "User", *, just_signed_in: bool = True) -> Client:
    """Return a client with the session of `user`.

    `just_signed_in`: pages that ask once more who one is let the person through.
    """
    from allauth.account.internal.flows.login import record_authentication

    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    if just_signed_in:
        request = RequestFactory().get("/")
        request.session = client.session
        record_authentication(request, user, "password", reauthenticated=True)
        request.session.save()
    return client


def session_cookie(user: "User", *, just_signed_in: bool = True) -> Any:
    """Return the cookie of such a session, as Playwright takes it, without its address."""
    cookie = signed_in(user, just_signed_in=just_signed_in).cookies["sessionid"]
    return {"name": cookie.key, "value": cookie.value}

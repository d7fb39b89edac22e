"""Headers of every answer: where forms may lead, and who may keep a page."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.models import User
from kloutsite.middleware import security_headers

pytestmark = pytest.mark.one_engine


def form_action(settings: Any, *, insecure: bool) -> list[str]:
    """Return where the forms of a page may lead."""
    settings.ALLOW_INSECURE_HOSTS = insecure
    answer = security_headers(lambda _request: HttpResponse())(RequestFactory().get("/"))
    parts = [part.split() for part in answer["Content-Security-Policy"].split(";")]
    return next(words for name, *words in parts if name == "form-action")


def test_forms_lead_to_this_site_and_to_https(settings: Any) -> None:
    assert form_action(settings, insecure=False) == ["'self'", "https:"]


def test_in_development_forms_lead_to_networks_on_this_machine_by_both_of_its_names(
    settings: Any,
) -> None:
    found = form_action(settings, insecure=True)

    assert found[2:] == ["http://127.0.0.1:*", "http://localhost:*"]


@pytest.mark.parametrize(
    ("user", "own", "kept"),
    [
        (User(), "", "private, no-store"),
        (User(), "public", "private, no-store"),
        (AnonymousUser(), "", "no-cache"),
        (AnonymousUser(), "public, max-age=60", "public, max-age=60"),
    ],
)
def test_no_page_is_kept_without_asking_unless_it_says_so(
    user: User | AnonymousUser, own: str, kept: str
) -> None:
    request = RequestFactory().get("/")
    request.user = user
    headers = {"Cache-Control": own} if own else {}

    answer = security_headers(lambda _request: HttpResponse(headers=headers))(request)

    assert answer["Cache-Control"] == kept

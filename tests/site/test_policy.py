"""The content security policy lets a form be answered by a network's consent page."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

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

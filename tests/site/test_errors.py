"""Error pages say what happened and what to do, whatever else is broken."""

import logging
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path, reverse

from accounts.models import User
from kloutsite import errors, urls
from kloutsite.logs import PagesOnly


def broken(request: HttpRequest, key: str = "") -> HttpResponse:
    raise RuntimeError("planted")


def refused(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


for view in (broken, refused):
    view.login_required = False  # type: ignore[attr-defined]

handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500
urlpatterns = [
    path("broken/", broken),
    path("broken/<path:key>/", broken, name="broken"),
    path("refused/", refused),
    *urls.urlpatterns,
]

with_broken_pages = pytest.mark.urls(__name__)


def test_a_fault_of_ours_is_answered_without_touching_the_database(
    caplog: pytest.LogCaptureFixture,
) -> None:
    request = RequestFactory().get("/anything/")

    # No database is allowed in this test, and the request has neither session nor user.
    with caplog.at_level(logging.ERROR, logger="accounts.faults"):
        response = errors.server_error(request)

    page = response.content.decode()
    report = caplog.records[0].getMessage().split()[1]
    assert response.status_code == 500
    assert f"<code>{report}</code>" in page
    assert "It has no effect on your score." in page


@with_broken_pages
@pytest.mark.django_db
def test_the_log_names_pages_and_never_addresses(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.raise_request_exception = False
    caplog.handler.addFilter(PagesOnly())
    forger = Client(enforce_csrf_checks=True)

    client.get("/broken/7-secret/")
    client.get("/nothing/secret%0Aforged/")
    forger.post("/accounts/password/reset/key/7-secret/")

    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 5
    assert not any("secret" in line or "forged" in line for line in said)
    assert "Internal Server Error: broken" in said
    assert "Not Found: no page of ours" in said
    assert any(line.startswith("form refused at account_reset_password_from") for line in said)


def test_the_log_of_the_site_is_filtered() -> None:
    (handler,) = settings.LOGGING["root"]["handlers"]

    assert settings.LOGGING["handlers"][handler]["filters"] == ["pages_only"]


@with_broken_pages
@pytest.mark.django_db
def test_a_page_that_breaks_owns_the_fault(client: Client) -> None:
    client.raise_request_exception = False

    response = client.get("/broken/")

    assert response.status_code == 500
    assert "Our fault" in response.content.decode()
    assert "planted" not in response.content.decode()


@with_broken_pages
@pytest.mark.django_db
def test_what_is_not_theirs_says_so(client: Client) -> None:
    response = client.get("/refused/")

    assert response.status_code == 403
    assert "This is not yours to open" in response.content.decode()


@pytest.mark.django_db
def test_an_address_that_leads_nowhere_says_so(client: Client) -> None:
    response = client.get("/nothing-here/")

    assert response.status_code == 404
    assert "Nothing here" in response.content.decode()


@pytest.mark.django_db
def test_a_form_from_elsewhere_changes_nothing_and_says_so() -> None:
    client = Client(enforce_csrf_checks=True)

    response = client.post(reverse("account_login"), {"login": "ada@example.org"})

    assert response.status_code == 403
    assert "The form was too old, so nothing was changed" in response.content.decode()


@pytest.mark.django_db
def test_a_request_for_another_site_is_refused_in_words(client: Client) -> None:
    response = client.get(reverse("landing"), headers={"host": "evil.example"})

    assert response.status_code == 400
    assert "We could not read that request" in response.content.decode()


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_no_error_page_shouts_or_shrugs(name: str) -> None:
    from django.template.loader import render_to_string

    context: dict[str, Any] = {"report": "7f2c91aa", "sandbox": False}
    page = render_to_string(f"kloutsite/{name}.html", context)

    words = page.partition("<main")[2].partition("</main>")[0]
    assert "!" not in words
    assert "oops" not in words.lower()
    assert 'class="btn pri"' in words  # a way on


@pytest.mark.django_db
def test_what_is_sent_to_a_page_that_is_only_read_is_answered_with_the_way_on() -> None:
    browser = Client()
    user = User.objects.create_user("nora")
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    pages = [browser.post(reverse(name)) for name in ("plusk", "notes", "how_it_counts")]
    program = browser.post(reverse("plusk"), headers={"Accept": "application/json"})
    api = browser.post("/api/v1/me/score", "{}", content_type="application/json")

    for page, address in zip(pages, ("/plusk/", "/notes/", "/how-it-counts/"), strict=True):
        assert (page.status_code, page["Content-Type"]) == (405, "text/html; charset=utf-8")
        assert page["Allow"].startswith("GET"), address
        assert "Nothing was changed</h1>" in page.content.decode()
        assert f'href="{address}">Open the page</a>' in page.content.decode()
    assert (program.status_code, program.content) == (405, b"")
    assert api["Content-Type"] == "application/problem+json"

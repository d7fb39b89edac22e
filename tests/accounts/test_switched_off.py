"""A site that has switched the sandbox off keeps the pages of people who linked it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from allauth import urls as allauth_urls
from django.test import Client
from django.urls import NoReverseMatch, include, path, reverse

from accounts import choosing, connectors, linking, unlinking
from accounts.connectors.base import Code, ConnectorError
from accounts.models import Grant, Source, SyncRun
from kloutsite import urls
from scoring import jobs, work
from scoring.models import Job
from tests.accounts.builders import person, signed_in, source

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def is_sandbox(pattern: Any) -> bool:
    where = str(pattern.pattern)
    return where.startswith(("try/", "sandbox/"))


# The addresses of a site without the sandbox, which settings decide when it starts.
_accounts = [each for each in allauth_urls.urlpatterns if not is_sandbox(each)]
urlpatterns = [
    path("accounts/", include((_accounts, ""))) if str(each.pattern) == "accounts/" else each
    for each in urls.urlpatterns
    if not is_sandbox(each)
]


@pytest.fixture(autouse=True)
def _sandbox_is_off(settings: Any) -> None:
    settings.SANDBOX = False


def linked() -> Source:
    row = source(person())
    Source.objects.filter(pk=row.pk).update(code=Code.OK, read_at=NOW, tried_at=NOW)
    row.refresh_from_db()
    return row


def test_the_addresses_of_the_sandbox_are_gone() -> None:
    for name in ("sandbox_login", "sandbox_faults", "try"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


@pytest.mark.parametrize("name", ["links", "link", "choose", "link_unlink", "start", "home"])
def test_the_pages_of_somebody_with_a_sandbox_link_answer(name: str) -> None:
    row = linked()
    args = {"link": [row.pk], "link_unlink": [row.pk], "choose": [row.grant_id]}.get(name, [])

    response = signed_in(row.user).get(reverse(name, args=args))

    assert response.status_code == 200


def test_the_link_says_that_the_network_is_switched_off_and_offers_no_way_to_connect() -> None:
    row = linked()

    page = signed_in(row.user).get(reverse("link", args=[row.pk])).content.decode()

    assert "Sandbox is switched off here" in page
    assert "Connect Sandbox again" not in page
    assert "Our fault" in page


def test_a_read_is_a_failure_in_words_and_takes_nothing_away() -> None:
    row = linked()
    jobs.enqueue(kind=Job.Kind.COLLECT, subject=str(row.pk), now=NOW)

    jobs.run_next(clock=lambda: NOW, handlers=work.HANDLERS)

    row.refresh_from_db()
    assert (row.code, row.read_at) == (Code.APP_CONFIG, NOW)
    assert SyncRun.objects.get().code == Code.APP_CONFIG
    assert not Job.objects.filter(kind=Job.Kind.COLLECT).exclude(state=Job.State.DONE).exists()


def test_unlinking_needs_nothing_of_the_network() -> None:
    row = linked()

    unlinking.unlink(source=row)

    assert not Grant.objects.exists()


def test_the_list_of_what_could_count_is_refused_in_words() -> None:
    grant = linked().grant
    assert grant is not None

    with pytest.raises(linking.LinkingError, match="switched off here"):
        choosing.list_targets(grant=grant, now=NOW)


def test_the_registry_knows_what_is_on(settings: Any) -> None:
    assert connectors.names() == ("bluesky", "mastodon")
    assert (connectors.has("sandbox"), connectors.is_off("sandbox")) == (False, True)
    assert (connectors.has("csv"), connectors.is_off("csv")) == (False, False)
    with pytest.raises(ConnectorError) as refused:
        connectors.get("sandbox")
    assert refused.value.code == Code.APP_CONFIG


def test_a_visitor_sees_no_trace_of_it(client: Client) -> None:
    page = client.get(reverse("landing")).content.decode()

    assert "Try with sample people" not in page

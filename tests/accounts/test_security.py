"""What protects an account is told: on the site, and by mail at once."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import security
from accounts.models import Notice, User
from scoring import jobs, work
from scoring.models import Job
from tests.accounts.builders import link_sandbox, person, signed_in

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)


def member() -> User:
    """Return somebody who signed up a day ago."""
    ada = person()
    User.objects.filter(pk=ada.pk).update(date_joined=timezone.now() - timezone.timedelta(days=1))
    return ada


def sign_in(client: Client, agent: str = FIREFOX) -> None:
    form = {"login": "ada@example.org", "password": PASSWORD}
    answer = client.post(reverse("account_login"), form, headers={"User-Agent": agent})
    assert answer.status_code == 302


def kinds() -> list[str]:
    return list(Notice.objects.order_by("pk").values_list("kind", flat=True))


def test_a_browser_that_is_new_here_is_told_of_once_and_by_mail() -> None:
    member()
    browser = Client()

    sign_in(browser)
    browser.post(reverse("account_logout"))
    sign_in(browser)
    while jobs.run_next(
        clock=timezone.now, handlers={Job.Kind.LETTER: work.HANDLERS[Job.Kind.LETTER]}
    ):
        pass

    assert kinds() == ["new_sign_in"]
    (sent,) = mail.outbox
    assert "with Firefox on Linux, which is new here" in sent.body


def test_whoever_has_just_signed_up_is_told_nothing_and_remembered() -> None:
    ada, browser = person(), Client()

    sign_in(browser)
    User.objects.filter(pk=ada.pk).update(date_joined=timezone.now() - timezone.timedelta(days=1))
    browser.post(reverse("account_logout"))
    sign_in(browser)

    assert kinds() == []


@pytest.mark.parametrize("cookie", ["", "x", "[1]", "WzFd:1abc:forged"])
def test_a_cookie_that_was_not_made_here_makes_no_browser_known(cookie: str) -> None:
    member()
    browser = Client()
    browser.cookies["known"] = cookie

    sign_in(browser)

    assert kinds() == ["new_sign_in"]


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("agent", "named"),
    [
        (FIREFOX, ("Firefox", "Linux")),
        (EDGE, ("Edge", "Windows")),
        (IPHONE, ("Safari", "iOS")),
        ("curl/8.5", ("", "")),
    ],
)
def test_browsers_are_told_by_name(agent: str, named: tuple[str, str]) -> None:
    assert named == tuple(
        security._named(agent, signs) for signs in (security._BROWSERS, security._SYSTEMS)
    )


def test_another_password_is_told() -> None:
    browser = signed_in(member())
    new = {
        "oldpassword": PASSWORD,
        "password1": "horse battery 7x",
        "password2": "horse battery 7x",
    }

    browser.post(reverse("account_change_password"), new)

    assert kinds() == ["password_changed"]


def test_an_address_that_goes_is_told() -> None:
    ada = member()
    EmailAddress.objects.create(user=ada, email="old@example.org", verified=True)

    signed_in(ada).post(reverse("account_email"), {"action_remove": "", "email": "old@example.org"})

    assert kinds() == ["address_changed"]


def test_a_way_in_that_comes_or_goes_is_told_by_the_name_of_its_network() -> None:
    ada = member()
    browser = signed_in(ada)
    link_sandbox(browser, process="connect")
    account = SocialAccount.objects.get(user=ada)

    browser.post(reverse("socialaccount_connections"), {"account": account.pk})

    told: list[Any] = list(Notice.objects.order_by("pk").values_list("kind", "values__network"))
    assert told == [("way_in_added", "Sandbox"), ("way_in_removed", "Sandbox")]

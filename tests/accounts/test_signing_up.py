"""Signing up by email: where a mail can be read, cannot be sent, and is not taken."""

import re
import socket
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import Settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from kloutsite.env import MailServer
from tests.accounts.builders import link_sandbox, person, signed_in

pytestmark = pytest.mark.django_db

NEW = {"email": "new@example.org", "password1": "correct horse battery"}
PRINTED = "printed where the site was started"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def page(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def mail_server(settings: Settings) -> MailServer:
    """Set up a mail server as a public site has one; the tests' own backend takes the mails."""
    settings.MAIL_SERVER = MailServer("127.0.0.1", 25, "", "", tls=False, ssl=False)
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    return settings.MAIL_SERVER


@pytest.fixture
def dead_mail_server(mail_server: MailServer, settings: Settings) -> None:
    """Set up one that answers nobody."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = free.getsockname()[1]
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP, mail_server.host
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False


def test_without_a_mail_server_it_is_said_where_the_mail_stands() -> None:
    client = Client()

    before = page(client.get(reverse("account_signup")))
    after = page(client.post(reverse("account_signup"), NEW, follow=True))

    assert PRINTED in before
    assert f"the mail to new@example.org is {PRINTED}" in after
    assert "We sent" not in after
    assert [message.to for message in mail.outbox] == [["new@example.org"]]


@pytest.mark.parametrize(
    "url_name", ["account_email_verification_sent", "account_reset_password_done"]
)
def test_pages_that_speak_of_a_mail_say_where_it_is(url_name: str) -> None:
    said = page(Client().get(reverse(url_name)))

    assert "Look where the site was started" in said
    assert "spam folder" not in said


@pytest.mark.usefixtures("mail_server")
def test_with_a_mail_server_the_mail_was_sent() -> None:
    said = page(Client().post(reverse("account_signup"), NEW, follow=True))

    assert "We sent a mail to new@example.org." in said
    assert "Look into your mail" in said
    assert PRINTED not in said
    assert len(mail.outbox) == 1


def test_a_public_site_without_a_mail_server_makes_no_account_by_mail_and_says_why(
    settings: Settings,
) -> None:
    settings.LOCAL = False

    shown = page(Client().get(reverse("account_signup")))
    sent = page(Client().post(reverse("account_signup"), NEW))

    for said in (shown, sent):
        assert "This site cannot send mails yet" in said
        assert 'name="password1"' not in said
    assert not User.objects.exists()


def test_a_network_lets_people_in_where_no_mail_can_be_sent(settings: Settings) -> None:
    settings.LOCAL = False

    link_sandbox(Client())

    assert User.objects.filter(socialaccount__uid="nora").exists()


@pytest.mark.usefixtures("dead_mail_server")
def test_a_mail_that_is_not_taken_leaves_no_account_behind() -> None:
    client = Client()

    response = client.post(reverse("account_signup"), NEW)

    assert response.status_code == 503
    assert "The mail was not sent" in page(response)
    assert not User.objects.exists()
    assert not EmailAddress.objects.exists()
    assert client.get(reverse("account_signup")).status_code == 200


@pytest.mark.usefixtures("dead_mail_server")
def test_a_mail_for_a_new_password_that_is_not_taken_is_said() -> None:
    user = User.objects.create_user("ada", "ada@example.org", "correct horse battery")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)

    response = Client().post(reverse("account_reset_password"), {"email": user.email})

    assert response.status_code == 503
    assert "no link is on its way to you" in page(response)


@pytest.mark.usefixtures("mail_server")
def test_mails_that_a_page_waits_for_are_plain_and_a_page_and_name_nobody() -> None:
    person("ada_k", password="correct horse")
    at_the_address = {"email": "ada_k@example.org"}

    Client().post(reverse("account_signup"), NEW)
    Client().post(reverse("account_signup"), NEW | at_the_address)
    Client().post(reverse("account_reset_password"), at_the_address)
    Client().post(reverse("account_reset_password"), {"email": "nobody@example.org"})

    assert [sent.subject for sent in mail.outbox] == [
        "Kloutsite: confirm your email address",
        "Kloutsite: you have an account already",
        "Kloutsite: set a new password",
        "Kloutsite: no account with this address",
    ]
    for sent in mail.outbox:
        html, kind = sent.alternatives[0]
        assert kind == "text/html"
        assert re.findall(r'href="([^"]+)"', str(html)) == re.findall(r"http\S+", str(sent.body))
        assert "ada_k" not in str(sent.body).replace("ada_k@example.org", "")


@pytest.mark.usefixtures("mail_server")
def test_nobody_gets_a_new_password_by_an_address_that_was_added_and_not_confirmed() -> None:
    ada, new = person("ada"), User.objects.create_user("new", "new@example.org", "correct horse")
    EmailAddress.objects.create(user=ada, email="slip@example.org")
    EmailAddress.objects.create(user=new, email=new.email, primary=True)
    reset = "Kloutsite: set a new password"

    for name in ("slip", "ada", "new"):
        Client().post(reverse("account_reset_password"), {"email": f"{name.title()}@example.org"})

    assert [(sent.to[0].lower(), sent.subject) for sent in mail.outbox] == [
        ("slip@example.org", "Kloutsite: no account with this address"),
        ("ada@example.org", reset),
        ("new@example.org", reset),  # nothing was confirmed since they signed up
    ]


@pytest.mark.one_engine
def test_pages_of_passwords_and_keys_speak_one_language_in_one_way() -> None:
    ada = person()
    User.objects.filter(pk=ada.pk).update(language="pt")
    browser = signed_in(ada)

    keys = page(browser.get(reverse("mfa_add_webauthn")))
    password = {"oldpassword": "x", "password1": "abc", "password2": "abc"}
    refused = page(browser.post(reverse("account_change_password"), password))

    assert 'for="id_name"> Nome' in keys
    assert "Esta palavra-passe é demasiado curta" in refused
    assert "Escreve a tua palavra-passe atual." in refused
    assert "A sua palavra-passe" not in refused


@pytest.mark.one_engine
def test_labels_and_headlines_that_are_not_ours_are_sentences_too(client: Client) -> None:
    form = client.get(reverse("account_login"))
    keys = signed_in(person("ada")).get(reverse("mfa_list_webauthn"))

    assert "Remember me</label>" in page(form)
    assert "<h1> Security keys </h1>" in page(keys)

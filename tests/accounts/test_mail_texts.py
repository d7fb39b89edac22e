"""What mails say: the same in plain text and as a page, why they come, and in every language."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import strip_tags

from accounts.letter_texts import Digest, Told

pytestmark = pytest.mark.one_engine
CONTEXT: dict[str, Any] = {
    "called": "Ada Lovelace",
    "site_url": "https://site.example",
    "stop": "https://site.example/mails/stop/t/",
    "address": "https://site.example/links/1/",
    "network": "Mastodon",
    "title": "Room",
    "titles": ["Room", "Ada"],
    "since": "1.",
    "holds_until": "2.",
    "fades_until": "3.",
    "case": {"pk": 12},
    "text": "!",
    "lines": ["1.", "2."],
    "summary": "50,4.",
    "digest": Digest("50,4.", ("+1,3",), "https://site.example/why/"),
    "told": [Told("…", "https://site.example/plusk/")],
    "more": True,
    "notes": "https://site.example/notes/",
    "at": "9:00",
    "email": "ada@mail.example",
    "activate_url": "https://site.example/confirm/",
    "password_reset_url": "https://site.example/reset/",
    "signup_url": "https://site.example/signup/",
}
NOTICE = {"told": Told("…", "https://site.example/settings/")}
# Template, and what begins the sentence that says why it came.
LETTERS = {
    "mail/link_needs_you": "You get this because",
    "mail/page_not_chosen": "You get this because",
    "mail/case_answered": "You get this because",
    "mail/perk": "You get this because",
    "mail/morning": "You asked for this",
    "mail/notice": "This protects the account",
    "account/email/email_confirmation_message": "You get this because",
    "account/email/email_confirmation_signup_message": "You get this because",
    "account/email/password_reset_key_message": "You get this because",
    "account/email/unknown_account_message": "You get this because",
    "account/email/account_already_exists_message": "You get this because",
}
CANNOT_BE_ENDED = {"mail/notice", *(name for name in LETTERS if name.startswith("account/"))}


def said(name: str, language: str, **more: Any) -> tuple[str, str]:
    """Return a mail in a language as plain text and as a page."""
    context = CONTEXT | (NOTICE if name == "mail/notice" else {}) | more
    with translation.override(language):
        plain, page = (render_to_string(f"{name}.{kind}", context) for kind in ("txt", "html"))
    return plain, page


def words(text: str) -> set[str]:
    """Return the lines of a text that say something, without addresses."""
    lines = (line.strip() for line in text.splitlines())
    return {line for line in lines if "://" not in line and len(line.split()) > 2}


@pytest.mark.parametrize("name", LETTERS)
def test_a_mail_says_why_it_came_and_how_to_end_it_plain_and_as_a_page(name: str) -> None:
    plain, page = said(name, "en-gb")

    links = re.findall(r'href="([^"]+)"', page)
    assert LETTERS[name] in plain
    assert LETTERS[name] in page
    assert 'name="color-scheme" content="light dark"' in page
    assert set(re.findall(r"https://\S+", plain)) == set(links)
    assert (CONTEXT["stop"] in links) == (name not in CANNOT_BE_ENDED)


@pytest.mark.parametrize("name", LETTERS)
def test_no_language_leaves_a_line_of_a_mail_in_english(name: str) -> None:
    plain, page = said(name, "en-gb")
    english = words(plain) | words(strip_tags(page))
    languages = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]

    left = {}
    for language in languages:
        both = said(name, language)
        left[language] = english & (words(both[0]) | words(strip_tags(both[1])))

    assert left == {language: set() for language in languages}


def test_a_mail_in_a_language_from_right_to_left_says_so() -> None:
    _plain, page = said("mail/morning", "he")

    assert '<html lang="he" dir="rtl">' in page

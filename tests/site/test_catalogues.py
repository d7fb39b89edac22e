"""Every language says everything: catalogues are whole, sound, and compiled as they are written."""

import io
import re
from functools import cache
from typing import Any

import pytest
from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, override

from accounts.allauth_words import WORDS
from kloutsite.management.commands.messages import Entry, catalogue, collect

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
MEND = "Run manage.py messages, translate what is empty, and run it once more."
# How nobody is addressed here: all but French say "you" as among friends.
OTHER_REGISTER = {
    "de": r"\b(Ihnen|([Kk]önnen|[Hh]aben|[Gg]eben|[Ss]ind|[Mm]öchten) Sie|Sie müssen)\b",
    "es": r"\b([Uu]sted(es)?|[Ii]ntroduzca|[Ee]scriba su|[Ee]scanee|[Hh]aga clic)\b",
    "fr": r"\b([Tt]u|[Tt]oi|[Tt]es|[Tt]on)\b",
    "pt": r"\b([Vv]ocês?|[Ii]nsira|[Tt]ente|[Cc]lique)\b",
}
_MARKS = re.compile(r"%\(\w+\)[sd]|\{\w*\}|</?[a-z]+[^>]*>")


@cache
def held(language: str) -> Catalog:
    return pofile.read_po(io.BytesIO(catalogue(language).read_bytes()), locale=language)


@cache
def said_here() -> dict[Entry, set[str]]:
    return collect()


def forms(said: Any) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)


@pytest.mark.one_engine
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_what_is_said_and_nothing_else(language: str) -> None:
    messages = [message for message in held(language) if message.id]

    entries = {(each.context, *(*forms(each.id), None)[:2]) for each in messages}

    assert entries == said_here().keys(), MEND


@pytest.mark.one_engine
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated(language: str) -> None:
    missing = [
        message.id
        for message in held(language)
        if message.id and (message.fuzzy or not all(forms(message.string)))
    ]

    assert missing == [], MEND


@pytest.mark.one_engine
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_placeholders_tags_and_blanks(language: str) -> None:
    wrong = []
    for message in held(language):
        texts = forms(message.id)
        allowed = [sorted(_MARKS.findall(text)) for text in texts] if message.id else []
        for at, said in enumerate(forms(message.string)) if message.id else ():
            text = texts[min(at, len(texts) - 1)]
            marks = sorted(_MARKS.findall(said))
            fewer = (
                at == 0 and len(texts) > 1 and set(marks) <= set(allowed[-1])
            )  # "one", no number
            ends = (said[:1].isspace(), said[-1:].isspace())
            if (marks not in allowed and not fewer) or ends != (
                text[:1].isspace(),
                text[-1:].isspace(),
            ):
                wrong.append((text, said))

    assert wrong == []


@pytest.mark.one_engine
@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_is_addressed_in_one_way(language: str) -> None:
    other = re.compile(OTHER_REGISTER[language])

    texts = [text for message in held(language) for text in forms(message.string)]

    assert [text for text in texts if other.search(text)] == []


@pytest.mark.one_engine
def test_french_sets_its_marks_apart_without_a_break() -> None:
    breaking = re.compile(r"\S [:;?!»]|« ")

    texts = [text for message in held("fr") for text in forms(message.string)]

    assert [text for text in texts if breaking.search(text)] == []


@pytest.mark.one_engine
@pytest.mark.parametrize("language", LANGUAGES)
def test_our_words_go_before_those_of_what_we_build_on(language: str) -> None:
    words = [word for word in WORDS if isinstance(word, str)]

    with override(language):
        said = {word: gettext(word) for word in words}

    assert words
    assert said == {word: held(language)[word].string for word in words}


@pytest.mark.one_engine
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    compiled = io.BytesIO()

    mofile.write_mo(compiled, held(language))

    assert catalogue(language).with_suffix(".mo").read_bytes() == compiled.getvalue(), MEND


@pytest.mark.django_db
@pytest.mark.one_engine
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_visitor_reads_their_language(client: Client, language: str) -> None:
    page = client.get(reverse("landing"), headers={"accept-language": language})

    assert f'<html lang="{language}"' in page.content.decode()
    assert "Try with sample people" not in page.content.decode()

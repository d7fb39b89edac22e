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

from kloutsite.management.commands.messages import Entry, catalogue, collect

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
MEND = "Run manage.py messages, translate what is empty, and run it once more."
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

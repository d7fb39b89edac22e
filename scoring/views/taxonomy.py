"""The taxonomy on pages: what a topic is called, where it stands, and how it is found."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from scoring.engine.topics.naming import fit, initials, plain
from scoring.engine.topics.taxonomy import Topic, taxonomy

MOST_FOUND = 20
FEW = 5
LONGEST_SEARCH = 80  # characters; no topic is called longer


@dataclass(frozen=True, slots=True)
class Link:
    """A topic to go to."""

    slug: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Found:
    """A topic that a search found. `about` says where it stands, and by which name it was found."""

    slug: str
    name: str
    url: str
    about: str


def known(slug: str) -> Topic:
    """Return a topic. Raises Http404 with a sentence when there is none of this address."""
    topic = taxonomy().get(slug)
    if topic is None:
        raise Http404(_("There is no topic of this address."))
    return topic


def unknown(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that no topic has this address, and offer those that are called nearly so."""
    words = asked(slug.replace("-", " "))
    context = {"asked": words, "found": search(words, FEW) or meant(words)}
    return render(request, "scoring/topics/unknown.html", context, status=404)


def name_of(slug: str) -> str:
    """Return what a topic is called in the reader's language; its slug when it left the list."""
    topic = taxonomy().get(slug)
    return slug if topic is None else taxonomy().name(slug, get_language() or "en")


def called(typed: str) -> str:
    """Return the slug of the topic of exactly this name, in any language or another name, or ""."""
    for topic in taxonomy().search(typed, get_language() or "en", FEW):
        if plain(typed) in {plain(name) for name in _names(topic)}:
            return topic.slug
    return ""


def _names(topic: Topic) -> list[str]:
    """Return every name under which a topic is found, the nearest to the reader first."""
    own = get_language() or "en"
    further = sorted(topic.known_as.items(), key=lambda each: each[0] != own)
    return [
        *other_names(topic),
        *(name for _language, names in further for name in names),
        *topic.names.values(),
        name_of(topic.slug),
    ]


def link(slug: str) -> Link:
    """Return the way to the page of a topic that is known."""
    return Link(slug, name_of(slug), reverse("topic", args=[slug]))


def links(slugs: Iterable[str]) -> list[Link]:
    """Return the ways to topics that are known, by their names."""
    return sorted((link(slug) for slug in slugs), key=lambda each: plain(each.name))


def above(topic: Topic) -> list[Link]:
    """Return what lies over a topic along its first parents, the area first."""
    path: list[Link] = []
    while topic.parents:
        topic = taxonomy().topics[topic.parents[0]]
        path.insert(0, link(topic.slug))
    return path


def level_of(topic: Topic) -> str:
    """Return the level as people say it."""
    return {"area": _("Area"), "field": _("Field"), "topic": _("Topic")}[topic.level]


def asked(words: str) -> str:
    """Return what was typed, cut to what any topic could be called."""
    return " ".join(words.replace("\x00", "").split())[:LONGEST_SEARCH]


def search(words: str, at_most: int = MOST_FOUND) -> list[Found]:
    """Return the topics that are called so, or nearly, the best first."""
    return _found(taxonomy().search(words, get_language() or "en", at_most), words)


def meant(words: str) -> list[Found]:
    """Return the topics that a search which found nothing may have meant: there is a slip in it."""
    return _found(taxonomy().near(words, get_language() or "en", FEW), words)


def _found(topics: Iterable[Topic], words: str) -> list[Found]:
    return [
        Found(each.slug, name_of(each.slug), reverse("topic", args=[each.slug]), about(each, words))
        for each in topics
    ]


def about(topic: Topic, words: str) -> str:
    """Return "Technology, Web development · found by “webdev”": the place, and the name typed."""
    place = ", ".join(each.name for each in above(topic)) or level_of(topic)
    wanted, shown = plain(words), plain(name_of(topic.slug))
    if fit(wanted, shown) is not None or wanted == initials(shown):
        return place
    names = dict.fromkeys(_names(topic))
    fits = {each: fit(wanted, plain(each)) for each in names}
    best = sorted((how, at, each) for at, (each, how) in enumerate(fits.items()) if how is not None)
    short = [each for each in names if wanted == initials(plain(each))]
    other = next((each for *_rest, each in best), next(iter(short), ""))
    if not other:
        return place
    return _("%(place)s · found by “%(name)s”") % {"place": place, "name": other}


def other_names(topic: Topic) -> list[str]:
    """Return the names under which a topic is known besides the one that is shown."""
    names = dict.fromkeys([topic.name, *(alias.removeprefix("=") for alias in topic.aliases)])
    return [name for name in names if plain(name) != plain(name_of(topic.slug))]

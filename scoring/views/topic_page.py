"""The page of a topic: who is listened to about it, what counts there, and where one stands."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.views import person
from scoring import pipeline, topics, words
from scoring.engine.topics.taxonomy import Topic, taxonomy
from scoring.models import TopicChoice, TopicScore
from scoring.views import taxonomy as names
from scoring.views import topic_words as say
from scoring.views.my_topics import Button, change
from scoring.views.plusk_rows import left_today

NAMES_SHOWN = 12  # other names, and words that go with it


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who wants to be named. `place` is "" where they are too few to rank.

    plusk: how much +K counts for them here, "" for none.
    """

    name: str
    own: bool
    place: str
    about: str
    id: int = 0
    plusk: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A post that moved people, and what it gives to the strength of its author."""

    day: str
    title: str
    url: str
    by: str
    points: str


@require_GET
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a topic to somebody who is signed in."""
    about, viewer = taxonomy().get(slug), person(request)
    if about is None:
        return names.unknown(request, slug)
    page = topics.page_of(slug, viewer_id=viewer.pk, now=timezone.now())
    above, below = names.above(about), names.links(taxonomy().children(slug))
    near = {each.slug for each in [*above, *below]}
    context = {
        "slug": slug,
        "name": names.name_of(slug),
        "level": names.level_of(about),
        "above": above,
        "below": below,
        "related": [names.link(one) for one in page.related if one not in near],
        "counts": _counts(about),
        "crowd": _crowd(page, sensitive=about.sensitive),
        "people": [_person(one, viewer) for one in page.people],
        "left": left_today(viewer, timezone.now()) if page.people else "",
        "newcomers": [_person(one, viewer) for one in page.newcomers],
        "posts": [_post(one) for one in page.posts],
        "sensitive": about.sensitive,
        "listed": topics.is_listed(viewer.pk),
        **_own(page, about),
    }
    return render(request, "scoring/topics/topic.html", context)


@require_POST
def topic_listing(request: HttpRequest, slug: str) -> HttpResponse:
    """Name the person on the pages of their topics, or no longer."""
    names.known(slug)
    listed = request.POST.get("listed") == "yes"
    topics.set_listed(person(request).pk, listed, now=timezone.now())
    if listed:
        messages.success(request, _("You are named on the pages of the topics you show."))
    else:
        messages.success(request, _("You are named on no topic’s page."))
    return redirect("topic", slug)


def _crowd(page: topics.Page, *, sensitive: bool) -> str:
    """Return who is on the list, and why there are places or none."""
    if sensitive:
        return _("Nobody is named here. What people believe, suffer or love is nobody’s ranking.")
    if page.ranked:
        here = page.population or len(page.people)
        form = ngettext(
            "The strongest of %(n)s person here whose topic this is, among those who chose to be "
            "named.",
            "The strongest of %(n)s people here whose topic this is, among those who chose to be "
            "named.",
            here,
        )
        return form % {"n": words.whole(here)}
    few = _("Places are shown from %(n)s people on.") % {"n": pipeline.RANKED_FROM}
    if not page.people:
        return f"{_('Nobody chose to be named here yet.')} {few}"
    form = ngettext(
        "%(n)s person chose to be named here.", "%(n)s people chose to be named here.",
        len(page.people),
    )  # fmt: skip
    return f"{form % {'n': words.whole(len(page.people))}} {few}"


def _person(one: topics.Named, viewer: User) -> Person:
    since = one.score.passed_on
    return Person(
        name=one.user.called,
        own=one.user.pk == viewer.pk,
        place=f"{one.place}." if one.place else "",
        about=_("since %(day)s") % {"day": words.day_year(since)} if since else "",
        id=one.user.pk,
        plusk=words.plusk(one.plusk),
    )


def _post(one: topics.Moving) -> Post:
    return Post(
        day=words.day_short(one.post.created_at.date()),
        title=one.post.excerpt or words.untitled(),
        url=words.linkable(one.post.url),
        by=one.user.called,
        points=words.signed(one.term),
    )


def _counts(about: Topic) -> list[str]:
    """Return what makes a post one of this topic, in sentences."""
    if about.sensitive:
        return [
            _("Topics like this are never read from posts. People add them themselves, or not.")
        ]
    others = ", ".join(names.other_names(about)[:NAMES_SHOWN])
    beside = ", ".join(about.terms[:NAMES_SHOWN])
    said = [
        _("Posts that name it, in any of the languages we read.")
        if not others
        else _("Posts that name it, also as: %(names)s.") % {"names": others},
    ]
    if beside:
        said.append(_("Posts that use several of its words: %(words)s.") % {"words": beside})
    if about.senses:
        said.append(
            _("A name that means other things too counts only beside words that make it sure.")
        )
    if taxonomy().children(about.slug):
        said.append(_("What counts for anything within it counts here once."))
    return said


def _own(page: topics.Page, about: Topic) -> dict[str, Any]:
    """Return where the viewer stands, seen by nobody else, and what they can do."""
    choice = page.choice.state if page.choice else TopicChoice.State.NONE
    mine = page.mine
    if choice == TopicChoice.State.HIDDEN:
        return {
            "own": [
                _("You hid this topic: nobody is told, and we will not guess it again."),
                *filter(None, [say.still_above(page.slug)]),
            ],
            "own_button": Button(_("Restore"), change(page.slug, "restore")),
        }
    if mine is not None and mine.passes:
        return {"own": _standing(mine, page), "evidence": _evidence(page.slug)}
    if choice == TopicChoice.State.ADDED:
        said = [say.unproven(sensitive=about.sensitive)]
        return {"own": said, "evidence": _evidence(page.slug)}
    button = Button(_("Add it to your topics"), change(page.slug, "add"))
    if mine is None:
        return {"own": [_("It is none of your topics.")], "own_button": button}
    told = [one.score for one in topics.of_person(mine.user_id) if one.score is not None]
    return {
        "own": [_("It is not shown among your topics."), say.untold(mine, told)],
        "evidence": _evidence(page.slug),
        "own_button": button,
    }


def _standing(mine: TopicScore, page: topics.Page) -> list[str]:
    place = say.place(mine.place, mine.population)
    strength = _("Your strength: %(points)s points.") % {"points": words.decimal(mine.strength)}
    if place:
        return [strength, f"{place}. {_('Only you see your place among all.')}"]
    if page.population is not None:
        return [strength, _("Your place is worked out every night.")]
    few = _("Places are given from %(n)s people on.") % {"n": pipeline.RANKED_FROM}
    return [strength, few]


def _evidence(slug: str) -> str:
    return reverse("my_topic", args=[slug])

"""The page of a topic: who is listened to about it, what counts there, and where one stands.

Open to everyone; who is not signed in reads of nobody who does not show their topics to everyone.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts import handles
from accounts.models import Audience, User
from accounts.visibility import reach
from scoring import pipeline, topics, words
from scoring.engine.topics.taxonomy import Topic, taxonomy
from scoring.models import TopicChoice, TopicScore
from scoring.views import taxonomy as names
from scoring.views import topic_words as say
from scoring.views.my_topics import Button, change
from scoring.views.plusk_rows import left_today, to_give
from scoring.views.strangers import limited

NAMES_SHOWN = 12  # other names, and words that go with it


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who shows the topic. `place` is "" where they are too few to rank.

    plusk: how much +K counts for them here, "" for none. give: where one gives them more.
    """

    name: str
    handle: str
    own: bool
    place: str
    since: str
    plusk: str
    give: str


@dataclass(frozen=True, slots=True)
class Post:
    """A post that moved people, and what it gives to the strength of its author."""

    day: str
    title: str
    url: str
    by: str
    handle: str
    points: str


@login_not_required
@require_safe
@limited
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a topic, and of the people whose it is those who show it to the viewer."""
    about = taxonomy().get(slug)
    if about is None:
        return names.unknown(request, slug)
    viewer = request.user if isinstance(request.user, User) else None
    now = timezone.now()
    page = topics.page_of(slug, viewer=viewer, now=now)
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
        "people": [_person(one, slug, viewer) for one in page.people],
        "thanked": [_person(one, slug, viewer) for one in page.thanked],
        "newcomers": [_person(one, slug, viewer) for one in page.newcomers],
        "posts": [_post(one) for one in page.posts],
    }
    if viewer is not None:
        context |= _own(page, about)
        context["left"] = left_today(viewer, now) if page.people else ""
        context["named"] = "" if about.sensitive else _named(viewer)
    return render(request, "scoring/topics/topic.html", context)


def _named(viewer: User) -> str:
    """Return who reads the viewer's name on the pages of the topics they show."""
    found = handles.find_person(viewer.pk, viewer=viewer)
    return {
        Audience.EVERYONE: _("Everyone reads your name on the pages of your topics."),
        Audience.MEMBERS: _("Members read your name on the pages of your topics."),
        Audience.NOBODY: _(
            "Nobody reads your name here: you are named to those whom you show your topics."
        ),
    }[reach(found.profile, "topics")]


def _crowd(page: topics.Page, *, sensitive: bool) -> str:
    """Return who is on the list, and why there are places or none."""
    if sensitive:
        return _("Nobody is named here. What people believe, suffer or love is nobody’s ranking.")
    if page.ranked:
        here = page.population or len(page.people)
        form = ngettext(
            "The strongest of %(n)s person here whose topic this is, among those who show it.",
            "The strongest of %(n)s people here whose topic this is, among those who show it.",
            here,
        )
        return form % {"n": words.whole(here)}
    few = _("Places are shown from %(n)s people on.") % {"n": pipeline.RANKED_FROM}
    if not page.people:
        return f"{_('Nobody shows this topic to you yet.')} {few}"
    form = ngettext(
        "%(n)s person shows this topic.", "%(n)s people show this topic.", len(page.people)
    )
    return f"{form % {'n': words.whole(len(page.people))}} {few}"


def _person(one: topics.Named, slug: str, viewer: User | None) -> Person:
    since = one.score.passed_on
    return Person(
        name=one.name,
        handle=one.handle,
        own=viewer is not None and one.user_id == viewer.pk,
        place=f"{one.place}." if one.place else "",
        since=_("since %(day)s") % {"day": words.day_year(since)} if since else "",
        plusk=words.plusk(one.plusk or 0),
        give=to_give(one.handle, slug),
    )


def _post(one: topics.Moving) -> Post:
    return Post(
        day=words.day_short(one.post.created_at.date()),
        title=one.post.excerpt or words.untitled(),
        url=words.linkable(one.post.url),
        by=one.by.name,
        handle=one.by.handle,
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
        return [strength, f"{place}."]
    if page.population is not None:
        return [strength, _("Your place is worked out every night.")]
    few = _("Places are given from %(n)s people on.") % {"n": pipeline.RANKED_FROM}
    return [strength, few]


def _evidence(slug: str) -> str:
    return reverse("my_topic", args=[slug])

"""What is said about topics: what they rest on, what is missing, the place among people."""

import math
from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.speech import joined
from scoring import topics, words
from scoring.engine.topics.order import MOST_SHOWN
from scoring.engine.topics.taxonomy import taxonomy
from scoring.models import TopicChoice, TopicScore
from scoring.topics.rescoring import GATE, above
from scoring.views.taxonomy import name_of

Kind = TopicChoice.Kind
_STRONG = 0.5  # part of the strength of the strongest


def kind(mark: str) -> str:
    """Return how a person marked a topic, in a word; "" where they did not."""
    return {Kind.EXPERTISE.value: _("Expertise"), Kind.INTEREST.value: _("Interest")}.get(mark, "")


def proof(score: TopicScore) -> str:
    """Return what a topic rests on: "From 8 posts on 6 days, 14 September to 20 November; ..."."""
    return _("From %(posts)s, %(span)s: %(reactions)s") % {
        "posts": posts_and_days(score.posts, score.days),
        "span": words.span(score.first_post_at.date(), score.last_post_at.date()),
        "reactions": reactions_and_people(score.reactions, score.people),
    }


def there(score: TopicScore) -> str:
    """Return what a topic on its way has already."""
    return _("So far %(posts)s: %(reactions)s") % {
        "posts": posts_and_days(score.posts, score.days),
        "reactions": reactions_and_people(score.reactions, score.people),
    }


def unproven(*, sensitive: bool) -> str:
    """Return why a topic is there that no post leads to."""
    if sensitive:
        return _("You added it. It is never read from posts.")
    return _("You added it. It stays an interest until posts that people react to make it more.")


def posts_and_days(posts: int, days: int) -> str:
    """Return "8 posts on 6 days"."""
    return _("%(posts)s on %(days)s") % {
        "posts": ngettext("%(n)s post", "%(n)s posts", posts) % {"n": words.whole(posts)},
        "days": ngettext("%(n)s day", "%(n)s days", days) % {"n": words.whole(days)},
    }


def reactions_and_people(reactions: int, people: int) -> str:
    """Return "214 reactions by up to 31 people".

    Whom a network only counts may have reacted to several posts, so there are no more than these.
    """
    return _("%(reactions)s by %(people)s") % {
        "reactions": ngettext("%(n)s reaction", "%(n)s reactions", reactions)
        % {"n": words.whole(reactions)},
        "people": ngettext("%(n)s person", "up to %(n)s people", people)
        % {"n": words.whole(people)},
    }


def missing(*, posts: int, days: int, people: int) -> str:
    """Return what a topic still needs: "2 more posts that people react to.".

    At least one of them is above 0.
    """
    text = _needs(posts=posts, days=days, people=people)
    return f"{text[:1].upper()}{text[1:]}."


def _needs(*, posts: int, days: int, people: int) -> str:
    """Return the same within a sentence."""
    needs = []
    if posts:
        needs.append(
            ngettext(
                "%(n)s more post that people react to",
                "%(n)s more posts that people react to",
                posts,
            )
            % {"n": words.whole(posts)}
        )
    if days:
        needs.append(
            ngettext("posts on %(n)s more day", "posts on %(n)s more days", days)
            % {"n": words.whole(days)}
        )
    if people:
        needs.append(
            ngettext("reactions by %(n)s more person", "reactions by %(n)s more people", people)
            % {"n": words.whole(people)}
        )
    return joined(needs)


def until(day: date) -> str:
    """Return up to when a topic was told that is not any more."""
    return _("Until %(day)s.") % {"day": words.day_month(day)}


def untold(score: TopicScore, told: Iterable[TopicScore]) -> str:
    """Return why posts lead to a topic that is not told, in a sentence. `told`: those that are."""
    one = topics.nearly(score)
    if not one.faint:
        needs = _needs(posts=one.posts, days=one.days, people=one.people)
        return _("Still needed: %(what)s.") % {"what": needs}
    return passed_over(score, told)


def passed_over(score: TopicScore, told: Iterable[TopicScore]) -> str:
    """Return why a topic is not told that has enough posts, days and people.

    told: the topics that are.
    """
    known, strengths = taxonomy(), {one.topic: one.strength for one in told}
    narrower = [
        one for one in strengths if one in known.topics and score.topic in known.ancestors(one)
    ]
    if narrower:
        return _("Its posts are told already as: %(topics)s.") % {
            "topics": joined(name_of(one) for one in narrower)
        }
    topic = known.get(score.topic)
    if topic is not None and topic.level == "area":
        return _("So wide a topic is told only beside two narrower ones within it.")
    if score.share < GATE.own_share:
        return _("%(part)s of what your posts bring; a topic needs %(needed)s.") % {
            "part": _part(score.share),
            "needed": _percent(words.number(100 * GATE.own_share)),
        }
    strongest = max(strengths, key=lambda one: strengths[one], default="")
    if strongest and score.strength < GATE.beside * strengths[strongest]:
        return _("%(part)s of the strength of %(topic)s; a topic needs %(needed)s of it.") % {
            "part": _part(score.strength / strengths[strongest]),
            "topic": name_of(strongest),
            "needed": _percent(words.number(100 * GATE.beside)),
        }
    if len(strengths) >= MOST_SHOWN:
        return _("At most %(most)s topics are shown, and yours are that many.") % {
            "most": MOST_SHOWN
        }
    return _(
        "%(part)s of what your posts bring, which is no larger a part than with people here."
    ) % {"part": _part(score.share)}


def _part(share: float) -> str:
    """Return a part as percent, never rounded up: what is under a limit must not look like it."""
    tenths = math.floor(round(1000 * share, 6))
    if not tenths:
        return _("Less than %(part)s") % {"part": _percent(words.decimal(0.1))}
    return _percent(words.decimal(tenths / 10))


def _percent(figure: str) -> str:
    return _("%(figure)s\u00a0%%") % {"figure": figure}


def still_above(slug: str) -> str:
    """Return that posts of a hidden topic go on counting above it; "" where nothing is above."""
    topic = taxonomy().get(slug)
    if topic is None or topic.sensitive or not above(slug):
        return ""
    return _("Its posts still count for the wider topics above it.")


def strength(part: float) -> str:
    """Return how strong a topic is in a word. part: of the strongest of the same person."""
    if part >= 1:
        return _("Strongest")
    return _("Strong") if part >= _STRONG else _("Clear")


def place(number: int | None, population: int | None) -> str:
    """Return the place among people here, or "" where too few take part to rank anybody."""
    if number is None or population is None:
        return ""
    return _("Number %(place)s of %(people)s people here") % {
        "place": words.whole(number),
        "people": words.whole(population),
    }

"""The feed that readers of feeds had beside version 1: what the score was, a line a day, as RSS."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Rss201rev2Feed
from django.views.decorators.csrf import csrf_exempt

from accounts import asked
from accounts.views.for_all import kept
from scoring.klout import people
from scoring.klout.answers import not_found
from scoring.klout.calls import Call, answered
from scoring.klout.people import Person
from scoring.klout.scores import Published, published
from scoring.klout.v1 import LIMITS

SHOWN = 20  # days


@csrf_exempt
@login_not_required
def feed(request: HttpRequest, key: str, name: str) -> HttpResponse:
    """Answer the feed of a name: a handle here, else one at X. The key stands in the address."""
    return answered(request, name, _answer, LIMITS, key=key)


def _answer(call: Call) -> HttpResponse:
    for shown in people.called(call.path):
        for user_id, known in published(shown).items():
            asked.count(user_id=user_id, by_id=call.by_id, now=call.now)
            return _written(call, shown[0], known)
    raise not_found()


def _written(call: Call, person: Person, known: Published) -> HttpResponse:
    page = call.root + reverse("profile", args=[person.nick])
    title = f"{call.path}'s Klout Score"
    told = Rss201rev2Feed(title=title, link=page, description=title, language="en")
    for day, said in _days(known):
        told.add_item(
            title=f"{title} for {day:%b %d} is: {said}",
            link=page,
            description="",
            unique_id=f"{person.klout_id}-{day}",
            unique_id_is_permalink=False,
            pubdate=datetime.combine(day, time(), UTC),
        )
    return kept(HttpResponse(told.writeString("utf-8"), content_type=told.content_type))


def _days(known: Published) -> Iterator[tuple[date, str]]:
    """Yield the newest days that are shown, the newest first: "50.25, up by 0.13"."""
    scores = {**(known.earlier or {}), known.day: known.score}
    days = sorted(scores, reverse=True)
    for day, before in zip(days[:SHOWN], [*days[1:], None], strict=False):
        if before is None:
            yield day, f"{scores[day]:.2f}"
        else:
            change = scores[day] - scores[before]
            way = "down" if change < 0 else "up"
            yield day, f"{scores[day]:.2f}, {way} by {abs(change):.2f}"

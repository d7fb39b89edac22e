"""Version 1: up to five names at X a call, as JSON or XML by the ending of the path.

Some of its clients sent key and names as a form.
"""

import re
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from accounts import asked
from accounts.models import Profile
from scoring.klout import bodies, influence, people
from scoring.klout.answers import Refused, no_method, told, told_as_xml
from scoring.klout.bodies import Body
from scoring.klout.calls import Call, answered
from scoring.klout.kclass import styles_of
from scoring.klout.known_for import known_for
from scoring.klout.people import Person
from scoring.klout.scores import Published, published
from scoring.limits import Limit

LIMITS = (Limit("klout-1-second", 10, 1), Limit("klout-1-day", 10_000, 86_400))
AT_ONCE = 5
_PATH = re.compile(r"(?P<method>[a-z_/]+)\.(?P<format>json|xml)")


@csrf_exempt
@login_not_required
def v1(request: HttpRequest, path: str = "") -> HttpResponse:
    """Answer a call of version 1."""
    return answered(request, path, _answer, LIMITS, by_form=True)


def _answer(call: Call) -> HttpResponse:
    path = _PATH.fullmatch(call.path)
    if path is None or path["method"] not in _METHODS:
        raise no_method()
    names = _names(call)
    users = _METHODS[path["method"]](call, people.by_twitter_names(names))
    order = {name: place for place, name in enumerate(names)}
    users.sort(key=lambda one: order.get(one["twitter_screen_name"].lower(), AT_ONCE))
    body = bodies.v1_users(users) if users else bodies.v1_none()
    return told_as_xml(body) if path["format"] == "xml" else told(body, callback=call.callback)


def _names(call: Call) -> list[str]:
    """Return the names asked for in small letters: with commas between, or one a parameter.

    Raises Refused where they are too many.
    """
    given = ",".join(call.query.getlist("users")).split(",")
    names = dict.fromkeys(name.strip().removeprefix("@").lower() for name in given)
    wanted = [name for name in names if name]
    if len(wanted) > AT_ONCE:
        raise Refused(400, f"Up to {AT_ONCE} users can be asked for at once. Make several calls.")
    return wanted


def _klout(call: Call, profiles: QuerySet[Profile]) -> list[Body]:
    return [bodies.v1_klout(*one) for one in _scored(call, profiles)]


def _show(call: Call, profiles: QuerySet[Profile]) -> list[Body]:
    scored = _scored(call, profiles)
    styles = styles_of([person for person, _known in scored])
    return [bodies.v1_show(person, known, styles.get(person.user_id)) for person, known in scored]


def _topics(_call: Call, profiles: QuerySet[Profile]) -> list[Body]:
    known = _found(profiles)
    subjects = known_for(known)
    return [
        bodies.v1_topics(one, subjects[one.user_id]) for one in known if one.user_id in subjects
    ]


def _influenced_by(call: Call, profiles: QuerySet[Profile]) -> list[Body]:
    return [
        bodies.v1_influence(one.of.person, "influencers", one.influencers)
        for one in influence.read(profiles, now=call.now)
    ]


def _influencer_of(call: Call, profiles: QuerySet[Profile]) -> list[Body]:
    return [
        bodies.v1_influence(one.of.person, "influencees", one.influencees)
        for one in influence.read(profiles, now=call.now)
    ]


def _scored(call: Call, profiles: QuerySet[Profile]) -> list[tuple[Person, Published]]:
    """Return those who show a number, and let them know that somebody asked for it."""
    known = _found(profiles)
    numbers = published(known)
    if numbers:
        asked.count_all(user_ids=numbers, by_id=call.by_id, now=call.now)
    return [(one, numbers[one.user_id]) for one in known if one.user_id in numbers]


def _found(profiles: QuerySet[Profile]) -> list[Person]:
    """Return those who may be found by an account of theirs."""
    return [one for one in people.found(profiles) if one.visible.networks]


_METHODS: dict[str, Callable[[Call, QuerySet[Profile]], list[Any]]] = {
    "klout": _klout,
    "users/show": _show,
    "users/topics": _topics,
    "soi/influenced_by": _influenced_by,
    "soi/influencer_of": _influencer_of,
}

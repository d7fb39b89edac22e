"""Version 2: identities, people, scores, topics and influence, each under its path.

With or without a slash at the end, and never by a redirect: clients of that time follow none.
"""

import re
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.views.decorators.csrf import csrf_exempt

from accounts import asked
from accounts.models import Profile
from scoring.klout import bodies, influence, people
from scoring.klout.answers import no_method, not_found, told
from scoring.klout.calls import Call, answered
from scoring.klout.known_for import known_for
from scoring.klout.people import Person
from scoring.klout.scores import Published, published
from scoring.limits import Limit

LIMITS = (Limit("klout-second", 10, 1), Limit("klout-day", 20_000, 86_400))


@csrf_exempt
@login_not_required
def v2(request: HttpRequest, path: str = "") -> HttpResponse:
    """Answer a call of version 2."""
    return answered(request, path, _answer, LIMITS)


def _answer(call: Call) -> HttpResponse:
    for pattern, act in _METHODS:
        if match := pattern.fullmatch(call.path):
            return told(act(call, **match.groupdict()), callback=call.callback)
    raise no_method()


def _identity(_call: Call, network: str, account: str) -> Any:
    """Return whose account it is: at a network, or ("ks") by the handle here."""
    if network == "ks":
        return bodies.identity(_open(people.by_handle(account), "score").klout_id)
    profiles = people.by_account(network, account)
    return bodies.identity(_open(profiles, "score", "networks").klout_id)


def _identity_by_name(call: Call) -> Any:
    name = call.query.get("screenName", "").removeprefix("@")
    return bodies.identity(_open(people.by_twitter_names([name]), "score", "networks").klout_id)


def _identity_elsewhere(_call: Call, klout_id: str, network: str) -> Any:
    """Return the account of a person at a network."""
    person = _open(people.by_klout_id(klout_id), "score", "networks")
    account = people.account_of(person, network)
    if not account:
        raise not_found()
    return bodies.identity(account, network)


def _user(call: Call, **who: str) -> Any:
    person, number = _scored(call, who)
    return bodies.user(person, number)


def _score(call: Call, **who: str) -> Any:
    _person, number = _scored(call, who)
    return bodies.score(number)


def _topics(call: Call, **who: str) -> Any:
    person = _open(_profiles(who), "topics", *_also(who))
    subjects = known_for([person])[person.user_id]
    return bodies.topics(subjects, picture=f"{call.root}{static('klout/topic.svg')}")


def _influence(call: Call, **who: str) -> Any:
    found = influence.read(_profiles(who), now=call.now)
    if not found:
        raise not_found()
    return bodies.influence(found[0])


def _scored(call: Call, who: dict[str, str]) -> tuple[Person, Published]:
    """Return the person and their number, and let them know that somebody asked for it."""
    person = _open(_profiles(who), "score", *_also(who))
    number = published([person]).get(person.user_id)
    if number is None:
        raise not_found()
    asked.count(user_id=person.user_id, by_id=call.by_id, now=call.now)
    return person, number


def _profiles(who: dict[str, str]) -> QuerySet[Profile]:
    if "twitter_id" in who:
        return people.by_account("tw", who["twitter_id"])
    return people.by_klout_id(who["klout_id"])


def _also(who: dict[str, str]) -> tuple[str, ...]:
    """Return what else must be open: by an account nobody is found who does not show theirs."""
    return ("networks",) if "twitter_id" in who else ()


def _open(profiles: QuerySet[Profile], *parts: str) -> Person:
    """Return the one person, if all of `parts` are open to everyone. Raises Refused."""
    for person in people.found(profiles):
        if all(getattr(person.visible, part) for part in parts):
            return person
    raise not_found()


_METHODS: list[tuple[re.Pattern[str], Callable[..., Any]]] = [
    (re.compile(path), act)
    for path, act in (
        (r"identity\.json/twitter", _identity_by_name),
        (r"identity\.json/klout/(?P<klout_id>[^/]+)/(?P<network>[^/]+)", _identity_elsewhere),
        (r"identity\.json/(?P<network>[^/]+)/(?P<account>[^/]+)", _identity),
        (r"user\.json/(?P<klout_id>[^/]+)", _user),
        (r"user\.json/(?P<klout_id>[^/]+)/score", _score),
        (r"user\.json/(?P<klout_id>[^/]+)/topics", _topics),
        (r"user\.json/(?P<klout_id>[^/]+)/influence", _influence),
        (r"tw-user\.json/(?P<twitter_id>[^/]+)", _user),
        (r"tw-user\.json/(?!batch/)(?P<twitter_id>[^/]+)/score", _score),
        (r"tw-user\.json/(?!batch/)(?P<twitter_id>[^/]+)/topics", _topics),
        (r"tw-user\.json/(?!batch/)(?P<twitter_id>[^/]+)/influence", _influence),
    )
]

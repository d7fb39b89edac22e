"""The shapes of v2 and v1, key by key in their order: pure functions of what is known.

Ids are text, scores are numbers; it is "scoreDelta" beside a score alone and "scoreDeltas" beside a
person. What a person does not show is left out.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from scoring.engine.topics.klout_files import topic_id
from scoring.engine.topics.taxonomy import Topic
from scoring.klout.influence import Influence, Known
from scoring.klout.kclass import Style
from scoring.klout.people import Person
from scoring.klout.scores import MONTH, WEEK, Published

Body = dict[str, Any]
TOPICS = 5
_TYPES = {"area": "super", "field": "sub", "topic": "entity"}


def identity(klout_id: str, network: str = "ks") -> Body:
    """Return an id on a network, by default Klout's own."""
    return {"id": klout_id, "network": network}


def score(known: Published) -> Body:
    """Return what /score answers."""
    changes = _changes(known)
    delta = {"scoreDelta": changes} if changes else {}
    return {"score": known.score, **delta, "bucket": known.bucket}


def user(person: Person, known: Published) -> Body:
    """Return a person: what /user.json answers and what stands in a payload."""
    changes = _changes(known)
    return {
        "kloutId": person.klout_id,
        **({"nick": person.nick} if person.nick else {}),
        "score": {"score": known.score, "bucket": known.bucket},
        **({"scoreDeltas": changes} if changes else {}),
    }


def topics(known: Iterable[Topic], *, picture: str) -> list[Body]:
    """Return topics. picture: the address of what is drawn for each."""
    return [
        {
            "id": topic_id(one.slug),
            "displayName": one.name,
            "name": one.name,
            "slug": one.slug,
            "imageUrl": picture,
            "displayType": "visible",
            "topicType": _TYPES[one.level],
        }
        for one in known
    ]


def influence(known: Influence) -> Body:
    """Return who moved a person and whom they moved."""
    return {
        "myInfluencers": [_entity(one) for one in known.influencers],
        "myInfluencees": [_entity(one) for one in known.influencees],
        "myInfluencersCount": known.influencers_count,
        "myInfluenceesCount": known.influencees_count,
    }


def _entity(one: Known) -> Body:
    klout_id = one.person.klout_id
    return {"entity": {"id": klout_id, "payload": user(one.person, one.published)}}


def _changes(known: Published) -> Body:
    days = {"dayChange": 1, "weekChange": WEEK, "monthChange": MONTH}
    told = {name: known.change(number) for name, number in days.items()}
    return {name: _rounded(change, 4) for name, change in told.items() if change is not None}


def _rounded(value: float, places: int) -> float:
    return round(value, places) + 0.0  # never "-0.0"


def v1_users(users: Sequence[Body]) -> Body:
    """Return the envelope of v1."""
    return {"status": 200, "users": list(users)}


def v1_none() -> Body:
    """Return what v1 says where it finds nobody, with status 200."""
    return {"status": 200, "headers": [], "body": {"error": "No users"}}


def v1_klout(person: Person, known: Published) -> Body:
    """Return a name and a number."""
    return {"twitter_screen_name": person.twitter_name, "kscore": _rounded(known.score, 2)}


def v1_show(person: Person, known: Published, style: Style | None) -> Body:
    """Return a person with the parts of their score, each of 100, how it changed, and their style.

    kclass_id stays null: the numbers that Klout gave its classes contradict each other.
    """
    day, five = known.change(1), known.change(5)
    changes = {} if five is None else {"slope": _rounded(five / 5, 2)}
    deltas = {"delta_1day": day, "delta_5day": five}
    return {
        "twitter_id": person.twitter_id,
        "twitter_screen_name": person.twitter_name,
        "score": {
            "kscore": _rounded(known.score, 2),
            **changes,
            "description": "",
            "kclass_id": None,
            "kclass": style.name if style else "",
            "kclass_description": style.meaning if style else "",
            "kscore_description": "",
            "network_score": _rounded(known.network, 2),
            "amplification_score": _rounded(known.amplification, 2),
            "true_reach": known.reach,
            **{name: _rounded(one, 2) for name, one in deltas.items() if one is not None},
        },
    }


def v1_topics(person: Person, known: Collection[Topic]) -> Body:
    """Return a name and what it is known for, in small letters."""
    return {
        "twitter_screen_name": person.twitter_name,
        "topics": [one.name.lower() for one in known],
    }


def v1_influence(person: Person, word: str, others: Iterable[Known]) -> Body:
    """Return a name and those who moved them or whom they moved, where these show a name at X."""
    named = [one for one in others if one.person.twitter_name]
    return {
        "twitter_screen_name": person.twitter_name,
        word: [v1_klout(one.person, one.published) for one in named],
    }


def error(status: int, words: str) -> Body:
    """Return what went wrong."""
    return {"error": status, "description": words}

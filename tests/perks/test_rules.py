"""Who fits: the same answer from facts as from SQL, and in words."""

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import GivenFacts, User
from perks import claims, people, words
from perks.eligibility import (
    Facts,
    Kind,
    Reason,
    Rules,
    Unclaimed,
    fits,
    nearest,
    reasons,
)
from scoring.models import TopicChoice, TopicScore
from tests.perks.scenes import campaign_of, claimant
from tests.scoring.builders import NOW, person, snapshot, source_of

TODAY = date(2026, 11, 21)
FACTS = Facts(
    today=TODAY,
    joined=TODAY - timedelta(days=20),
    score=50.4,
    snapshot_id=1,
    topics={"cartography": 4, "jazz": None},
    country="PT",
    birth_year=1990,
    accounts=2,
    networks=frozenset({"mastodon", "github"}),
)


def by_kind(rules: Rules, facts: Facts = FACTS) -> dict[Kind, Reason]:
    return {reason.kind: reason for reason in reasons(rules, facts)}


@pytest.mark.parametrize(
    ("rules", "kind", "fit", "missing"),
    [
        (Rules(), Kind.ACCOUNT, True, None),
        (Rules(score_from=50.4), Kind.SCORE_FROM, True, 0),
        (Rules(score_from=53.4), Kind.SCORE_FROM, False, 3),
        (Rules(score_to=50.4), Kind.SCORE_TO, True, 0),
        (Rules(score_to=40.4), Kind.SCORE_TO, False, 10),
        (Rules(topic="jazz"), Kind.TOPIC, True, None),
        (Rules(topic="jazz", place=5), Kind.TOPIC, False, None),
        (Rules(topic="cartography", place=4), Kind.TOPIC, True, 0),
        (Rules(topic="cartography", place=3), Kind.TOPIC, False, 1),
        (Rules(topic="tea"), Kind.TOPIC, False, 1),
        (Rules(countries=("PT", "ES")), Kind.COUNTRY, True, None),
        (Rules(countries=("US",)), Kind.COUNTRY, False, None),
        (Rules(age_from=35), Kind.AGE_FROM, True, 0),
        (Rules(age_from=36), Kind.AGE_FROM, False, 1),
        (Rules(age_to=36), Kind.AGE_TO, True, 0),
        (Rules(age_to=35), Kind.AGE_TO, False, 1),
        (Rules(networks=("github",)), Kind.NETWORKS, True, 0),
        (Rules(networks=("github", "x")), Kind.NETWORKS, False, 1),
        (Rules(new_here=20), Kind.NEW_HERE, True, 0),
        (Rules(new_here=19), Kind.NEW_HERE, False, 1),
        (Rules(here_for=20), Kind.HERE_FOR, True, 0),
        (Rules(here_for=27), Kind.HERE_FOR, False, 7),
        (Rules(unclaimed=Unclaimed.ANY), Kind.NOT_CLAIMED, True, None),
    ],
)
def test_each_rule_says_what_it_needs_what_there_is_and_what_is_missing(
    rules: Rules, kind: Kind, fit: bool, missing: float | None
) -> None:
    reason = by_kind(rules)[kind]

    assert reason.fits is fit
    assert reason.missing == (missing if missing is None else pytest.approx(missing))
    assert words.needed(reason)
    assert words.you(reason)
    assert bool(words.missing(reason)) is not fit


def test_what_is_not_known_fits_no_rule_that_asks_for_it() -> None:
    nobody = Facts(today=TODAY, joined=TODAY)
    asking = Rules(
        score_from=1, score_to=100, topic="jazz", countries=("PT",), age_from=18, age_to=99,
        networks=("github",),
    )  # fmt: skip

    found = reasons(asking, nobody)

    assert not any(reason.fits for reason in found)
    assert all(words.you(reason) and words.missing(reason) for reason in found)


def test_nearest_says_first_what_a_person_can_come_to() -> None:
    rules = Rules(score_from=53.4, topic="tea", age_to=30)
    two = replace(rules, age_to=0)

    away = nearest(reasons(rules, FACTS))

    assert [reason.kind for reason in away] == [Kind.SCORE_FROM, Kind.TOPIC, Kind.AGE_TO]
    assert words.nearly(reasons(two, FACTS)) == "You are 3.0 points and one topic away."
    assert words.is_near(reasons(two, FACTS))
    assert not words.is_near(reasons(rules, FACTS))
    assert words.nearly(reasons(Rules(), FACTS)) == ""


@pytest.mark.parametrize(
    "fields",
    [
        {"score_from": 0.5}, {"score_from": 60, "score_to": 50}, {"age_from": 30, "age_to": 20},
        {"place": 3}, {"new_here": 5, "here_for": 6}, {"age_from": 121}, {"score_to": float("nan")},
    ],
)  # fmt: skip
def test_rules_that_nobody_could_fit_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Rules(**fields)


SOME = st.sampled_from(["cartography", "jazz", "tea"])
RULES = st.builds(
    lambda score, topic, place, countries, age, networks, here, unclaimed: Rules(
        **score,
        topic=topic,
        place=place if topic else 0,
        countries=tuple(sorted(countries)),
        **age,
        networks=tuple(sorted(networks)),
        **here,
        unclaimed=unclaimed,
    ),
    score=st.sampled_from([{}, {"score_from": 50}, {"score_to": 50}, {"score_from": 30.5}]),
    topic=st.one_of(st.just(""), SOME),
    place=st.sampled_from([0, 1, 3]),
    countries=st.sets(st.sampled_from(["PT", "ES"])),
    age=st.sampled_from([{}, {"age_from": 18}, {"age_to": 30}, {"age_from": 30, "age_to": 40}]),
    networks=st.sets(st.sampled_from(["sandbox", "github"])),
    here=st.sampled_from([{}, {"new_here": 30}, {"here_for": 7}]),
    unclaimed=st.sampled_from(list(Unclaimed)),
)


@given(rules=RULES)
def test_packed_rules_come_back_as_they_were(rules: Rules) -> None:
    assert Rules.unpacked(rules.packed()) == rules


def crowd() -> list[User]:
    """Return people of all kinds, the same each time."""
    dice, found = random.Random(40), []
    brands = [campaign_of(40), campaign_of(40, brand="Another")]
    for number in range(24):
        linked = dice.random() < 0.9
        score = dice.choice([None, 50.0, 30.5, 20.0, 70.1])
        one = claimant(f"p{number}", score) if linked else person(f"p{number}")
        found.append(one)
        if dice.random() < 0.3:
            snapshot(one, 49.9, day=NOW.date() - timedelta(days=1))
        User.objects.filter(pk=one.pk).update(
            date_joined=NOW - timedelta(days=dice.choice([0, 6, 7, 8, 30, 31]), hours=3),
            is_active=True,
        )
        if dice.random() < 0.7:
            GivenFacts.objects.create(
                user=one,
                country=dice.choice(["", "PT", "ES"]),
                birth_year=dice.choice([None, 1985, 1986, 1995, 1996, 2007, 2008]),
            )
        if dice.random() < 0.5:
            source_of(one, network=dice.choice(["sandbox", "github"]), title=f"of {number}")
        for topic in ("cartography", "jazz"):
            if dice.random() < 0.6:
                TopicScore.objects.create(
                    user=one, topic=topic, as_of=NOW, strength=1, share=0.5, posts=3,
                    posts_needed=3, days=3, people=3, reactions=9, first_post_at=NOW,
                    last_post_at=NOW, passes=dice.random() < 0.8,
                    place=dice.choice([None, 1, 2, 3, 4]),
                )  # fmt: skip
        if dice.random() < 0.2:
            TopicChoice.objects.create(user=one, topic="jazz", state="hidden", changed_at=NOW)
        if linked and score is not None and score >= 50 and dice.random() < 0.5:
            held = claims.hold(user_id=one.pk, campaign_id=dice.choice(brands).pk, key="k", now=NOW)
            claims.claim(user_id=one.pk, ref=held.ref, now=NOW)
    return found


@pytest.mark.django_db
def test_sql_reaches_whom_the_pure_rules_fit() -> None:
    everybody = [one.pk for one in crowd()]
    known = people.facts_of(everybody, brand="Fieldnote", now=NOW)
    assert {one.claimed_brand for one in known.values()} == {True, False}

    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(rules=RULES)
    def agree(rules: Rules) -> None:
        pure = {pk for pk, facts in known.items() if fits(rules, facts)}
        assert (
            set(people.reached(rules, brand="Fieldnote", now=NOW).values_list("pk", flat=True))
            == pure
        )
        assert people.reach(rules, brand="Fieldnote", now=NOW) == len(pure)

    agree()
    for rules in ONE_BY_ONE:  # of which each asks for something else
        asked = people.facts_of(everybody, brand="Fieldnote", now=NOW, rules=rules)
        for pk, facts in asked.items():
            assert reasons(rules, facts) == reasons(rules, known[pk])


ONE_BY_ONE = (
    Rules(score_from=40),
    Rules(topic="jazz", place=20),
    Rules(countries=("PT", "SE")),
    Rules(age_from=30),
    Rules(age_to=30),
    Rules(networks=("sandbox",)),
    Rules(new_here=30),
    Rules(unclaimed=Unclaimed.ANY),
    Rules(unclaimed=Unclaimed.BRAND),
)


@pytest.mark.django_db
def test_facts_take_as_many_queries_for_many_as_for_one() -> None:
    everybody = [claimant(f"p{number}").pk for number in range(5)]

    found = []
    for some in (everybody[:1], everybody):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            people.facts_of(some, brand="Fieldnote", now=NOW)
        found.append(len(queries))

    assert found == [6, 6]

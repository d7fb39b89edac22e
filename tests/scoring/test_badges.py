"""Badges are awarded from stored rows, once and for good."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.connectors.base import Code
from accounts.models import Notice, Source, User
from scoring import badges, plusk, topics
from scoring.badges import Held, names
from scoring.engine.badges import BADGES, TABLE
from scoring.models import BadgeAward, BadgeStanding, Interaction, Post
from tests.scoring import topic_scenes
from tests.scoring.badge_scenes import award, chosen, decorated, here, reacting, standing, told
from tests.scoring.builders import NOW, history, person, source_of
from tests.scoring.plusk_scenes import showing
from tests.scoring.test_pages_cost import AssertQueries

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def held(user: User) -> dict[str, dict[int, tuple[date, bool, bool]]]:
    """Return badge -> level -> when it was earned, whether exactly, whether by old posts."""
    found: dict[str, dict[int, tuple[date, bool, bool]]] = {}
    for one in BadgeAward.objects.filter(user=user):
        found.setdefault(one.badge, {})[one.level] = (one.earned_on, one.exact, one.old)
    return found


def counts(user: User) -> dict[str, int | None]:
    return dict(BadgeStanding.objects.get(user=user).counts)


def slugs(found: list[Held]) -> list[str]:
    return [one.badge.slug for one in found]


def test_a_level_has_the_day_on_which_it_was_truly_reached() -> None:
    nora, source = chosen()
    reacting(source, "like", 60, at=NOW - 9 * DAY)
    reacting(source, "like", 60, at=NOW - 4 * DAY, first=60)

    badges.award(nora.pk, now=NOW)

    assert held(nora)["likes"] == {100: ((NOW - 4 * DAY).date(), True, False)}
    assert held(nora)["people"] == {100: ((NOW - 4 * DAY).date(), True, False)}
    assert held(nora)["one-post"] == {25: ((NOW - 9 * DAY).date(), True, False)}
    assert counts(nora)["likes"] == 120


def test_a_counted_level_has_the_day_on_which_the_count_was_read() -> None:
    nora, source = chosen()
    post = reacting(source, "like", 3, at=NOW - 9 * DAY)
    told(post, "like", 640, seen_at=NOW - 2 * DAY)

    badges.award(nora.pk, now=NOW)

    on = (NOW - 2 * DAY).date()
    assert held(nora)["likes"] == {100: (on, False, False), 500: (on, False, False)}
    assert counts(nora)["likes"] == 640


def test_what_no_network_tells_is_not_zero_and_earns_nothing() -> None:
    nora, source = chosen()
    post = reacting(source, "like", 2, at=NOW - DAY)
    told(post, "repost", 0, seen_at=NOW)

    badges.award(nora.pk, now=NOW)

    assert (counts(nora)["comments"], counts(nora)["reposts"]) == (None, 0)
    assert "comments" not in held(nora)


def test_whatever_goes_later_takes_nothing() -> None:
    nora, source = chosen()
    reacting(source, "like", 120, at=NOW - 9 * DAY)
    badges.award(nora.pk, now=NOW)
    before = held(nora)

    Post.objects.all().delete()
    badges.award(nora.pk, now=NOW + DAY)
    source.delete()
    badges.award(nora.pk, now=NOW + 2 * DAY)

    assert held(nora) == before
    assert counts(nora)["likes"] is None


def test_doing_it_again_changes_nothing() -> None:
    nora, source = chosen()
    reacting(source, "like", 120, at=NOW - 9 * DAY)

    first, again = badges.award(nora.pk, now=NOW), badges.award(nora.pk, now=NOW)

    assert {(one.badge, one.level) for one in first} >= {("likes", 100), ("early", 1)}
    assert again == []


def test_an_outage_takes_no_badge_and_moves_no_date() -> None:
    nora, source = chosen()
    reacting(source, "like", 60, at=NOW - 20 * DAY)
    Source.objects.update(code=Code.TRANSIENT, code_since=NOW - 15 * DAY, read_at=NOW - 15 * DAY)
    badges.award(nora.pk, now=NOW - 3 * DAY)
    during = counts(nora)

    reacting(source, "like", 60, at=NOW - 10 * DAY, first=60)  # came while nobody could read
    Source.objects.update(code=Code.OK, read_at=NOW)
    badges.award(nora.pk, now=NOW)

    assert during["likes"] == 60
    assert held(nora)["likes"] == {100: ((NOW - 10 * DAY).date(), True, False)}


def test_a_file_earns_badges_once_it_is_proven_whose_it_is() -> None:
    nora = person()
    file = Source.objects.create(
        user=nora, network="x_archive", external_id="1", kind="archive", selected=True
    )
    reacting(file, "like", 120, at=NOW - 9 * DAY)

    badges.award(nora.pk, now=NOW)
    unproven = held(nora)
    Source.objects.update(proven_at=NOW)
    badges.award(nora.pk, now=NOW)

    assert "likes" not in unproven
    assert 100 in held(nora)["likes"]


def test_networks_that_are_only_shown_earn_nothing_but_are_linked() -> None:
    nora, _source = chosen()
    shown = source_of(nora, "Film", network="youtube", selected_at=NOW - 2 * DAY)
    reacting(shown, "like", 120, at=NOW - DAY)

    badges.award(nora.pk, now=NOW)

    assert "likes" not in held(nora)
    assert held(nora)["networks"] == {2: ((NOW - 2 * DAY).date(), True, False)}


def test_what_somebody_does_about_themselves_counts_for_nothing() -> None:
    nora, source = chosen()
    reacting(source, "like", 100, at=NOW - DAY)
    mine = Interaction.objects.order_by("pk")[0].actor
    mine.member = nora
    mine.save()

    badges.award(nora.pk, now=NOW)

    assert counts(nora)["likes"] == 99


def test_plusk_that_counts_earns_for_who_gets_and_who_gives() -> None:
    nora, ahmed = showing("nora"), showing("ahmed")
    User.objects.filter(pk=ahmed.pk).update(date_joined=NOW - 10 * DAY)
    for topic in ("django", "css", "jazz"):
        plusk.give(giver_id=ahmed.pk, receiver_id=nora.pk, topic=topic, now=NOW)
    undone = plusk.give(giver_id=nora.pk, receiver_id=ahmed.pk, topic="django", now=NOW)
    plusk.undo(user_id=nora.pk, plusk_id=undone.pk, now=NOW)

    badges.award(nora.pk, now=NOW)
    badges.award(ahmed.pk, now=NOW)

    assert [counts(nora)[slug] for slug in ("plusk-received", "plusk-given")] == [3, 0]
    assert counts(ahmed)["plusk-given"] == 3
    assert held(nora)["newcomers"] == {1: (NOW.date(), True, False)}


def test_somebody_who_has_been_here_for_long_is_no_newcomer() -> None:
    nora, ahmed = showing("nora"), showing("ahmed")
    User.objects.filter(pk=ahmed.pk).update(date_joined=NOW - 31 * DAY)
    plusk.give(giver_id=ahmed.pk, receiver_id=nora.pk, topic="django", now=NOW)

    badges.award(nora.pk, now=NOW)

    assert counts(nora)["newcomers"] == 0


def test_days_count_from_the_first_score_on() -> None:
    nora, _source = chosen()
    history(nora, [40.0] * 31)

    badges.award(nora.pk, now=NOW)

    assert held(nora)["history"] == {30: (NOW.date() - DAY, True, False)}


def test_a_hidden_topic_is_not_held() -> None:
    nora = topic_scenes.known(now=NOW)
    badges.award(nora.pk, now=NOW)
    shown = counts(nora)["topics"]
    topics.hide(nora.pk, "django", now=NOW)

    badges.award(nora.pk, now=NOW)

    assert shown is not None
    assert counts(nora)["topics"] == shown - 1


def test_badges_of_old_posts_can_be_done_without_and_had_again() -> None:
    nora, source = chosen(at=NOW - DAY)
    reacting(source, "like", 120, at=NOW - 9 * DAY)
    badges.award(nora.pk, now=NOW)

    badges.decline_old(nora.pk, True)
    without, mine = slugs(badges.shown(nora.pk)), badges.of_person(nora.pk)
    badges.decline_old(nora.pk, False)

    assert without == slugs(mine.shown) == ["early"]
    assert (mine.old, mine.old_declined) == (3, True)
    assert set(slugs(badges.shown(nora.pk))) == {"early", "likes", "people", "one-post"}


def test_lists_count_as_the_networks_tell_them_and_what_they_told_first_is_old() -> None:
    nora, source = chosen()
    other = source_of(nora, title="Other", selected_at=NOW)
    badges.award(nora.pk, now=NOW)
    untold = counts(nora)["lists"]
    for one, listed in ((source, 90), (other, 30)):
        Source.objects.filter(pk=one.pk).update(listed=listed)
    badges.award(nora.pk, now=NOW)
    first = held(nora)["lists"]
    Source.objects.filter(pk=other.pk).update(listed=411)

    badges.award(nora.pk, now=NOW + DAY)

    assert (untold, counts(nora)["lists"]) == (None, 501)
    assert first == {100: (NOW.date(), False, True)}
    assert held(nora)["lists"] == {**first, 500: ((NOW + DAY).date(), False, False)}


def test_what_old_posts_earned_is_no_news_and_of_each_other_badge_one() -> None:
    nora, source = chosen(at=NOW - 5 * DAY)
    reacting(source, "like", 60, at=NOW - 9 * DAY)
    told(reacting(source, "like", 60, at=NOW - 4 * DAY, first=60), "repost", 600, seen_at=NOW)

    badges.award(nora.pk, now=NOW)

    said = set(Notice.objects.filter(user=nora).values_list("key", flat=True))
    assert "one-post:25" not in said
    assert {"likes:100", "reposts:500", "early:1"} <= said
    assert "reposts:100" not in said


def test_three_are_pinned_in_their_order_and_a_hidden_one_is_not() -> None:
    nora = decorated()
    for at, slug in enumerate(("likes", "history")):
        badges.pin(nora.pk, slug, now=NOW + 400 * DAY + at * DAY)

    with pytest.raises(badges.BadgeError, match="3 badges are pinned already"):
        badges.pin(nora.pk, "people", now=NOW)
    first = slugs(badges.shown(nora.pk))[:3]
    badges.hide(nora.pk, "likes", now=NOW)
    badges.pin(nora.pk, "people", now=NOW + 500 * DAY)

    assert first == ["newcomers", "likes", "history"]
    assert slugs(badges.shown(nora.pk))[:3] == ["newcomers", "history", "people"]
    assert set(slugs(badges.of_person(nora.pk).hidden)) == {"likes", "early"}


def test_nobody_pins_what_they_do_not_have() -> None:
    nora = person()

    with pytest.raises(badges.NotHeld):
        badges.pin(nora.pk, "likes", now=NOW)


def test_the_database_holds_each_level_once() -> None:
    nora = person()
    award(nora, "likes", 100)

    with pytest.raises(IntegrityError, match=r"badge_level_once|UNIQUE"), transaction.atomic():
        award(nora, "likes", 100)


def test_an_award_of_an_older_rule_stays_also_where_its_level_is_gone() -> None:
    nora = person()
    award(nora, "likes", 250, rule="2025")
    standing(nora, {"likes": 300})

    mine = badges.of_person(nora.pk)

    assert [(one.award.level, one.award.rule) for one in mine.shown] == [(250, "2025")]
    assert (mine.ahead["likes"].level, mine.ahead["likes"].missing) == (500, 200)


@pytest.mark.parametrize(("people", "share"), [(9, None), (12, 25.0)])
def test_how_many_hold_a_level_is_told_among_enough_people(
    people: int, share: float | None
) -> None:
    crowd = [person(f"p{number}") for number in range(people)]
    for one in crowd[:3]:
        award(one, "likes", 100)

    badges.count_holders()
    badges.count_holders()

    assert badges.shares().get(("likes", 100)) == share
    assert badges.shares_of("likes").get(("likes", 100)) == share


@pytest.mark.parametrize("posts", [1, 10])
def test_more_rows_cost_no_more_queries(
    posts: int, django_assert_num_queries: AssertQueries
) -> None:
    nora, source = chosen()
    for at in range(posts):
        told(reacting(source, "like", 2, at=NOW - at * DAY), "reply", 1, seen_at=NOW)
    badges.award(nora.pk, now=NOW)

    # Person, nine facts, standing twice, what is held, savepoints, the standing again.
    with django_assert_num_queries(18):
        badges.award(nora.pk, now=NOW + DAY)
    with django_assert_num_queries(1):
        badges.shown(nora.pk)
    with django_assert_num_queries(3):
        badges.of_person(nora.pk)


def test_every_badge_has_its_words() -> None:
    assert set(names.WORDS) == set(BADGES)
    for badge in TABLE:
        for level in badge.levels:
            sentences = (names.took(badge.slug, level), names.counted(badge.slug))
            assert all(text.endswith(".") and "%" not in text for text in sentences)
        assert "%" not in names.more(badge.slug, 1) + names.more(badge.slug, 2)
    assert names.titled("likes:1000") == "Well liked, 1,000"
    assert names.titled("early:1") == "Early light"
    assert names.titled("Answered 100 people") == "Answered 100 people"


def test_the_scene_of_a_share_is_told(django_assert_num_queries: AssertQueries) -> None:
    award(person(), "likes", 100)
    here(people=31, population=340)

    with django_assert_num_queries(1):
        shares = badges.shares()

    assert shares[("likes", 100)] == pytest.approx(9.1, abs=0.1)

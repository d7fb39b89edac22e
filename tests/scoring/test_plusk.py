"""Giving +K, what may become of it, and a ledger that nobody changes."""

import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts import blocking, notice_kinds
from accounts.models import Audience, Case, CaseMessage, Notice, Profile, User
from scoring import plusk, topics
from scoring.engine.plusk import LONGEST, PER_DAY, TRIES_PER_DAY, Act, state
from scoring.models import (
    PlusK,
    PlusKAct,
    PlusKMember,
    PlusKTotal,
    PlusKWeight,
    PlusKWords,
    TopicChoice,
)
from tests.scoring.builders import NOW, person, source_of, with_page
from tests.scoring.plusk_scenes import SHOWN, showing

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def ahmed() -> User:
    return showing("ahmed")


@pytest.fixture
def nora() -> User:
    return person("nora")


def give(giver: User, receiver: User, topic: str = "django", **fields: object) -> PlusK:
    values = {"now": NOW, "because": ""} | fields
    return plusk.give(giver_id=giver.pk, receiver_id=receiver.pk, topic=topic, **values)  # type: ignore[arg-type]


def refused(giver: User, receiver: User, topic: str = "django", **fields: object) -> str:
    """Return why it was refused; nothing is written."""
    before = PlusK.objects.count(), PlusKMember.objects.count()
    with pytest.raises(plusk.PlusKError) as error:
        give(giver, receiver, topic, **fields)
    assert (PlusK.objects.count(), PlusKMember.objects.count()) == before
    return f"{error.value.reason}: {error.value}"


def several(giver: User, receivers: list[User], number: int) -> list[PlusK]:
    pairs = [(each, slug) for each in receivers for slug in SHOWN]
    return [give(giver, each, slug) for each, slug in pairs[:number]]


def test_a_plusk_counts_at_once_in_a_topic_that_is_shown(nora: User, ahmed: User) -> None:
    given = give(nora, ahmed, because="  forms \x00 without\n JavaScript ")

    (entry,) = plusk.received(ahmed)
    assert plusk.totals_of(ahmed.pk) == {"django": 1}
    assert (entry.because, entry.new) == ("forms without JavaScript", True)
    assert entry.other == plusk.Other("Nora", handle="")
    assert [one.other for one in plusk.given(nora)] == [plusk.Other("Ahmed", handle="ahmed")]
    assert plusk.left(nora, now=NOW).number == PER_DAY - 1
    assert not given.offered


def test_nobody_gives_to_themselves(ahmed: User) -> None:
    assert refused(ahmed, ahmed) == "self: This is you. +K goes to somebody else."


def test_nobody_gives_to_a_second_profile_of_theirs(nora: User, ahmed: User) -> None:
    source_of(nora, kind="profile", external_id="same", selected=False)
    source_of(ahmed, kind="profile", external_id="same")

    said = refused(nora, ahmed)

    assert "same_account: You and Ahmed linked the same account" in said


def test_two_people_who_run_one_page_are_two_people(nora: User, ahmed: User) -> None:
    source_of(nora, kind="page", external_id="same", selected=False)
    source_of(ahmed, kind="page", external_id="same")

    assert give(nora, ahmed).slot == 1


def test_a_file_that_is_proven_twice_is_one_person(nora: User, ahmed: User) -> None:
    for user in (nora, ahmed):
        source_of(user, kind="archive", claim="x 42", proven_at=NOW)

    assert refused(nora, ahmed).startswith("same_account: ")


def test_whom_one_blocked_gets_nothing(nora: User, ahmed: User) -> None:
    blocking.block(by=nora, whom=ahmed, now=NOW)

    assert refused(nora, ahmed) == "blocked: You blocked Ahmed. End that first to give them +K."


def test_private_absent_blocking_and_closed_people_look_alike(nora: User, ahmed: User) -> None:
    nobody, private, closed = (
        person("nobody"),
        with_page(person("private"), page=""),
        showing("eve"),
    )
    User.objects.filter(pk=closed.pk).update(is_active=False)
    blocking.block(by=ahmed, whom=nora, now=NOW)
    blocking.block(by=nora, whom=private, now=NOW)

    said = {refused(nora, each) for each in (nobody, private, closed, ahmed, User(pk=10**17))}

    (sentence,) = said
    assert sentence == (
        "private: Nobody of this address takes +K: they are not here, or their page is not open "
        "to you."
    )


def test_a_topic_that_the_giver_does_not_see_is_offered_like_any_other(
    nora: User, ahmed: User
) -> None:
    Profile.objects.filter(user=ahmed).update(topics=Audience.NOBODY)

    given = give(nora, ahmed)
    plusk.accept(user_id=ahmed.pk, plusk_id=given.pk, now=NOW)

    receiver = plusk.find("@ahmed", viewer=nora, now=NOW)
    assert receiver is not None
    assert (receiver.shown, receiver.totals) == ((), False)
    assert given.offered
    assert plusk.totals_of(ahmed.pk) == {"django": 1}


def test_the_log_names_nobody_who_blocks_its_reader(nora: User, ahmed: User) -> None:
    give(nora, ahmed)
    (before,) = plusk.received(ahmed)
    blocking.block(by=nora, whom=ahmed, now=NOW)
    blocking.block(by=ahmed, whom=nora, now=NOW)

    (got,), (gave,) = plusk.received(ahmed), plusk.given(nora)

    assert before.other == plusk.Other("Nora")
    assert got.other == gave.other == plusk.Other()


def test_the_same_again_waits_for_seven_days_and_says_until_when(nora: User, ahmed: User) -> None:
    give(nora, ahmed, now=NOW - 4 * DAY)

    said = refused(nora, ahmed)

    assert said == (
        "too_soon: You gave Ahmed +K in Django at 12:00 on 17 November. "
        "Next at 12:00 on 24 November."
    )
    assert give(nora, ahmed, "css").slot == 1
    assert give(nora, ahmed, now=NOW + 3 * DAY).slot == 1


def test_after_ten_one_reads_when_new_ones_come(nora: User, ahmed: User) -> None:
    nora.time_zone = "America/New_York"
    nora.save()
    people = [ahmed, *(showing(name) for name in ("rosa", "jun", "wei"))]
    several(nora, people, PER_DAY)

    said = refused(nora, people[3], "jazz")

    assert said == "none_left: You have given all 10 for today. New ones at 00:00 tomorrow."
    assert plusk.left(nora, now=NOW).number == 0
    assert give(nora, people[3], "jazz", now=NOW + timedelta(hours=17)).slot == 1


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("Europe/Berlin", datetime(2026, 10, 25, 23, tzinfo=UTC)),  # ends a day of 25 hours
        ("America/New_York", datetime(2026, 3, 9, 4, tzinfo=UTC)),  # of 23
        ("Australia/Lord_Howe", datetime(2026, 4, 5, 13, 30, tzinfo=UTC)),  # of 24 and a half
        ("Asia/Beirut", datetime(2026, 3, 28, 22, tzinfo=UTC)),  # after it midnight is skipped
    ],
)
def test_around_the_givers_midnight_no_day_has_more_than_ten(
    nora: User, zone: str, midnight: datetime
) -> None:
    nora.time_zone = zone
    nora.save()
    people = [showing(f"person{number}", now=midnight - DAY) for number in range(8)]
    pairs = iter([(each, slug) for slug in SHOWN for each in people])
    last, first = midnight - timedelta(milliseconds=100), midnight

    for now in (last, first):
        for _time in range(PER_DAY):
            give(nora, *next(pairs), now=now)
        over = refused(nora, *next(pairs), now=now)
        assert over.startswith("none_left: ")
    back = refused(nora, *next(pairs), now=midnight - timedelta(hours=1))

    assert back.startswith("none_left: ")
    assert Counter(PlusK.objects.values_list("day", flat=True)) == {
        first.astimezone(ZoneInfo(zone)).date() - DAY: PER_DAY,
        first.astimezone(ZoneInfo(zone)).date(): PER_DAY,
    }


def test_what_was_taken_back_is_left_again_but_not_for_ever(nora: User, ahmed: User) -> None:
    for _time in range(TRIES_PER_DAY):
        plusk.undo(user_id=nora.pk, plusk_id=give(nora, ahmed).pk, now=NOW)

    said = refused(nora, ahmed)

    assert said.startswith("too_often_undone: You gave +K 20 times today")
    assert plusk.totals_of(ahmed.pk) == {}
    assert plusk.received(ahmed) == []
    assert plusk.glance(ahmed, now=NOW).unseen == 0
    assert plusk.left(nora, now=NOW).number == 0


@pytest.mark.parametrize("topic", ["no-such-topic", "\x00", "x" * 5_000])
def test_a_topic_that_is_none_is_refused(nora: User, ahmed: User, topic: str) -> None:
    assert refused(nora, ahmed, topic).startswith("no_topic: There is no such topic.")


def test_what_is_sensitive_is_never_offered_and_nobody_learns_that_it_was_added(
    nora: User, ahmed: User
) -> None:
    topics.add(ahmed.pk, "atheism", now=NOW)

    assert "sensitive: Ahmed does not show Atheism." in refused(nora, ahmed, "atheism")


def test_a_topic_that_left_the_taxonomy_is_not_offered(nora: User, ahmed: User) -> None:
    TopicChoice.objects.filter(user=ahmed, topic="css").update(topic="no-such-topic")

    receiver = plusk.find("@ahmed", viewer=nora, now=NOW)

    assert receiver is not None
    assert set(receiver.shown) == {"django", "jazz"}


def test_more_words_than_fit_are_refused(nora: User, ahmed: User) -> None:
    assert give(nora, ahmed, "css", because="x" * LONGEST).slot == 1
    assert "room for 200 characters" in refused(nora, ahmed, because="x" * (LONGEST + 1))


def test_ten_minutes_to_take_it_back(nora: User, ahmed: User) -> None:
    first, second = give(nora, ahmed), give(nora, ahmed, "css")

    plusk.undo(user_id=nora.pk, plusk_id=first.pk, now=NOW + timedelta(minutes=9))
    plusk.undo(user_id=nora.pk, plusk_id=first.pk, now=NOW + timedelta(minutes=30))
    with pytest.raises(plusk.PlusKError, match=r"for 10 minutes\. It stays"):
        plusk.undo(user_id=nora.pk, plusk_id=second.pk, now=NOW + timedelta(minutes=10))
    with pytest.raises(plusk.PlusKError, match="You gave no such"):
        plusk.undo(user_id=ahmed.pk, plusk_id=second.pk, now=NOW)

    assert plusk.totals_of(ahmed.pk) == {"css": 1}
    assert PlusKAct.objects.count() == 1


def test_a_topic_that_is_not_shown_waits_for_the_receiver(nora: User, ahmed: User) -> None:
    given = give(nora, ahmed, "cycling")
    waiting = plusk.totals_of(ahmed.pk)

    plusk.accept(user_id=ahmed.pk, plusk_id=given.pk, now=NOW)
    plusk.accept(user_id=ahmed.pk, plusk_id=given.pk, now=NOW)

    assert waiting == {}
    assert plusk.totals_of(ahmed.pk) == {"cycling": 1}
    assert TopicChoice.objects.get(user=ahmed, topic="cycling").state == TopicChoice.State.ADDED
    assert PlusKAct.objects.count() == 1


def told_topics(user: User) -> set[str]:
    return {one.slug for one in topics.of_person(user.pk)}


def test_a_topic_that_was_taken_for_one_goes_when_that_is_taken_back(
    nora: User, ahmed: User
) -> None:
    rosa = person("rosa")
    first = give(nora, ahmed, "cycling")
    plusk.accept(user_id=ahmed.pk, plusk_id=first.pk, now=NOW)
    second = give(rosa, ahmed, "cycling", now=NOW + timedelta(minutes=1))

    plusk.undo(user_id=nora.pk, plusk_id=first.pk, now=NOW + timedelta(minutes=2))
    while_another_counts = told_topics(ahmed)
    plusk.undo(user_id=rosa.pk, plusk_id=second.pk, now=NOW + timedelta(minutes=3))

    assert "cycling" in while_another_counts
    assert told_topics(ahmed) == set(SHOWN)


def test_a_topic_that_was_taken_for_one_goes_when_that_is_reported_and_stays_when_it_is_hidden(
    nora: User, ahmed: User
) -> None:
    first, second = give(nora, ahmed, "cycling"), give(person("rosa"), ahmed, "cycling")
    for one in (first, second):
        plusk.accept(user_id=ahmed.pk, plusk_id=one.pk, now=NOW)

    plusk.hide(user_id=ahmed.pk, plusk_id=first.pk, now=NOW)
    plusk.hide(user_id=ahmed.pk, plusk_id=second.pk, now=NOW)
    hidden = told_topics(ahmed)
    plusk.report(user_id=ahmed.pk, plusk_id=first.pk, now=NOW)

    assert "cycling" in hidden
    assert told_topics(ahmed) == set(SHOWN)


def test_a_topic_of_which_more_was_said_stays_when_its_plusk_is_taken_back(
    nora: User, ahmed: User
) -> None:
    given = give(nora, ahmed, "cycling")
    plusk.accept(user_id=ahmed.pk, plusk_id=given.pk, now=NOW)
    topics.set_kind(ahmed.pk, "cycling", "interest", now=NOW + timedelta(minutes=1))

    plusk.undo(user_id=nora.pk, plusk_id=given.pk, now=NOW + timedelta(minutes=2))

    assert told_topics(ahmed) == {*SHOWN, "cycling"}


def test_accepting_one_topic_too_many_says_so_and_writes_nothing(nora: User, ahmed: User) -> None:
    given = give(nora, ahmed, "cycling")
    fields = [f"topic-{number}" for number in range(20)]
    TopicChoice.objects.bulk_create(
        TopicChoice(user=ahmed, topic=slug, state=TopicChoice.State.ADDED, changed_at=NOW)
        for slug in fields
    )

    with pytest.raises(plusk.PlusKError, match="You added 20 topics already"):
        plusk.accept(user_id=ahmed.pk, plusk_id=given.pk, now=NOW)

    assert not PlusKAct.objects.exists()


def test_a_hidden_one_counts_no_longer_and_can_be_shown_again(nora: User, ahmed: User) -> None:
    given = give(nora, ahmed)

    plusk.hide(user_id=ahmed.pk, plusk_id=given.pk, now=NOW)
    hidden = plusk.totals_of(ahmed.pk)
    with pytest.raises(plusk.PlusKError, match="You hid this"):
        plusk.thank(user_id=ahmed.pk, plusk_id=given.pk, now=NOW)
    plusk.accept(user_id=ahmed.pk, plusk_id=given.pk, now=NOW)
    plusk.thank(user_id=ahmed.pk, plusk_id=given.pk, now=NOW)
    plusk.thank(user_id=ahmed.pk, plusk_id=given.pk, now=NOW)

    assert hidden == {}
    assert plusk.totals_of(ahmed.pk) == {"django": 1}
    assert plusk.given(nora)[0].state.thanked
    assert list(given.acts.values_list("kind", flat=True)) == ["hide", "accept", "thank"]


def test_a_reported_one_becomes_a_case_and_an_operator_rules(nora: User, ahmed: User) -> None:
    given = give(nora, ahmed, because="rude words")

    case = plusk.report(user_id=ahmed.pk, plusk_id=given.pk, words="Rude.", now=NOW)
    again = plusk.report(user_id=ahmed.pk, plusk_id=given.pk, now=NOW)
    with pytest.raises(plusk.PlusKError, match="An operator decides"):
        plusk.accept(user_id=ahmed.pk, plusk_id=given.pk, now=NOW)
    plusk.rule(plusk_id=given.pk, void=True, now=NOW)

    assert case is not None
    assert again is None
    assert Case.objects.get().subject == "+K in Django"
    assert "because: rude words" in case.report
    assert CaseMessage.objects.get().text == "Rude."
    assert plusk.totals_of(ahmed.pk) == {}


def test_what_an_operator_makes_void_can_be_restored(nora: User, ahmed: User) -> None:
    given = give(nora, ahmed)

    for void in (True, True):
        plusk.rule(plusk_id=given.pk, void=void, now=NOW)
    without = plusk.totals_of(ahmed.pk)
    plusk.rule(plusk_id=given.pk, void=False, now=NOW)

    assert without == {}
    assert plusk.totals_of(ahmed.pk) == {"django": 1}
    assert PlusKAct.objects.count() == 2


@pytest.mark.parametrize("act", [plusk.accept, plusk.hide, plusk.thank, plusk.report])
def test_only_the_receiver_answers_and_not_what_was_taken_back(
    nora: User, ahmed: User, act: object
) -> None:
    given = give(nora, ahmed)

    with pytest.raises(plusk.PlusKError, match="You received no such"):
        act(user_id=nora.pk, plusk_id=given.pk, now=NOW)  # type: ignore[operator]
    plusk.undo(user_id=nora.pk, plusk_id=given.pk, now=NOW)
    with pytest.raises(plusk.PlusKError, match="taken back meanwhile"):
        act(user_id=ahmed.pk, plusk_id=given.pk, now=NOW)  # type: ignore[operator]

    assert PlusKAct.objects.count() == 1


@pytest.mark.parametrize("table", ["scoring_plusk", "scoring_pluskact"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = at", "DELETE FROM {}"])
def test_the_database_refuses_to_change_the_ledger(
    nora: User, ahmed: User, table: str, statement: str
) -> None:
    plusk.thank(user_id=ahmed.pk, plusk_id=give(nora, ahmed).pk, now=NOW)

    with (
        pytest.raises(DatabaseError, match="only added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))

    assert (PlusK.objects.count(), PlusKAct.objects.count()) == (1, 1)


@pytest.mark.parametrize("row", [PlusK, PlusKAct])
def test_neither_do_rows_of_the_ledger_let_themselves_be_saved_or_deleted(
    nora: User, ahmed: User, row: type[PlusK] | type[PlusKAct]
) -> None:
    plusk.thank(user_id=ahmed.pk, plusk_id=give(nora, ahmed).pk, now=NOW)
    one = row.objects.get()

    with pytest.raises(DatabaseError), transaction.atomic():
        one.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        row.objects.filter(pk=one.pk).delete() if row is PlusKAct else row.objects.filter(
            pk=one.pk
        )._raw_delete(using="default")


def test_who_leaves_takes_name_and_words_along_and_what_they_gave_stays(
    nora: User, ahmed: User
) -> None:
    give(nora, ahmed, because="thank you")
    give(ahmed, showing("rosa"), because="dear Rosa")

    nora.delete()
    (left_by_nora,) = plusk.received(ahmed)
    ahmed.delete()

    assert (left_by_nora.other, left_by_nora.because) == (plusk.Other(), "")
    assert not PlusKWords.objects.exists()
    assert PlusK.objects.count() == 2
    assert PlusKMember.objects.filter(user=None).count() == 2
    assert plusk.drifted() == []


def test_totals_that_went_wrong_are_found_and_mended(
    nora: User, ahmed: User, capsys: pytest.CaptureFixture[str]
) -> None:
    give(nora, ahmed)
    give(nora, ahmed, "css")
    PlusKTotal.objects.filter(topic="django").update(counted=7)
    PlusKTotal.objects.filter(topic="css").delete()

    call_command("recompute_plusk")

    assert (
        "django: 7 (weighed 1.00) kept, 1 (weighed 1.00) in the ledger" in capsys.readouterr().out
    )
    assert plusk.totals_of(ahmed.pk) == {"django": 1, "css": 1}
    assert plusk.drifted() == []
    assert plusk.recompute() == 0


def test_an_attack_that_is_reversed_leaves_the_world_as_it_was_without_it(ahmed: User) -> None:
    for number in range(3):
        give(person(f"honest{number}"), ahmed)
    plusk.weigh(plusk.EVERYBODY, now=NOW)
    honest = plusk.totals_of(ahmed.pk), set(PlusKWeight.objects.values_list("weight", "why"))
    flood = [give(person(f"sybil{number}"), ahmed) for number in range(20)]
    plusk.weigh(plusk.EVERYBODY, now=NOW)

    for one in flood:
        plusk.rule(plusk_id=one.pk, void=True, now=NOW)
    plusk.weigh(plusk.EVERYBODY, now=NOW)

    after = plusk.totals_of(ahmed.pk), set(PlusKWeight.objects.values_list("weight", "why"))
    assert after == honest
    assert plusk.drifted() == []


def test_what_is_seen_is_new_no_longer(nora: User, ahmed: User) -> None:
    newest = give(nora, ahmed)
    before = plusk.glance(ahmed, now=NOW).unseen

    plusk.mark_seen(ahmed.pk, newest.pk)
    plusk.mark_seen(ahmed.pk, newest.pk - 1)

    assert (before, plusk.glance(ahmed, now=NOW).unseen) == (1, 0)
    assert not plusk.received(ahmed)[0].new
    assert plusk.glance(nora, now=NOW).unseen == 0


def test_a_time_zone_that_this_machine_does_not_know_is_utc(nora: User, ahmed: User) -> None:
    nora.time_zone = "Mars/Olympus"
    nora.save()

    assert give(nora, ahmed).day == NOW.date()


def test_an_operator_rules_by_command(
    nora: User, ahmed: User, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = give(nora, ahmed), give(nora, ahmed, "css")

    call_command("rule_plusk", "void", str(one.pk), str(other.pk))
    without = plusk.totals_of(ahmed.pk)
    call_command("rule_plusk", "restore", str(other.pk))

    assert without == {}
    assert plusk.totals_of(ahmed.pk) == {"css": 1}
    assert f"+K {other.pk}: restore" in capsys.readouterr().out
    with pytest.raises(CommandError, match="There is no"):
        call_command("rule_plusk", "void", str(other.pk + 1))


@pytest.mark.slow
def test_over_a_hundred_thousand_rows_totals_are_those_of_the_ledger() -> None:
    draw, number = random.Random(7), 60_000
    members = PlusKMember.objects.bulk_create(PlusKMember() for _ in range(600))
    given = PlusK.objects.bulk_create(
        [
            PlusK(
                giver=giver,
                receiver=draw.choice([one for one in members[:20] if one is not giver]),
                topic=draw.choice(SHOWN),
                offered=draw.random() < 0.2,
                day=NOW.date() - (number // 6_000) * DAY,
                slot=number % 10 + 1,
                at=NOW,
            )
            for number, giver in ((n, members[n // 10 % 600]) for n in range(number))
        ],
        batch_size=1_000,
    )
    kinds = [Act.UNDO, Act.ACCEPT, Act.ACCEPT, Act.HIDE, Act.THANK, Act.REPORT, Act.VOID, Act.VOUCH]
    acts = {one.pk: draw.sample(kinds, k=draw.randrange(4)) for one in given}
    acts = {pk: list(dict.fromkeys(each)) for pk, each in acts.items()}
    rows = [PlusKAct(plusk_id=pk, kind=kind, at=NOW) for pk, each in acts.items() for kind in each]
    PlusKAct.objects.bulk_create(rows, batch_size=1_000)
    pairs = sorted({(one.receiver_id, one.giver_id) for one in given}, key=str)[::3]
    weights = {pair: draw.random() for pair in pairs}
    PlusKWeight.objects.bulk_create(
        PlusKWeight(receiver_id=receiver, giver_id=giver, weight=weight, why=1)
        for (receiver, giver), weight in weights.items()
    )
    true: Counter[tuple[UUID, str]] = Counter()
    weighed: dict[tuple[UUID, str], float] = defaultdict(float)
    for one in given:
        became = state(one.offered, acts[one.pk])
        if became.counts:
            weight = weights.get((one.receiver_id, one.giver_id), 1.0)
            true[one.receiver_id, one.topic] += 1
            weighed[one.receiver_id, one.topic] += 1.0 if became.vouched else weight

    wrong = plusk.recompute()

    kept = {(one.receiver_id, one.topic): one for one in PlusKTotal.objects.all()}
    assert len(given) + len(rows) > 100_000
    assert wrong == len(true)
    assert {key: one.counted for key, one in kept.items()} == true
    assert {key: one.weighed for key, one in kept.items()} == pytest.approx(weighed)
    assert plusk.drifted() == []
    PlusKTotal.objects.filter(pk=min(one.pk for one in kept.values())).update(weighed=0.5)
    assert [one.kept.weighed for one in plusk.drifted()] == [0.5]


def notices_of(user: User) -> list[tuple[str, str]]:
    """Return (kind, sentence) of what somebody was told, the newest last."""
    rows = Notice.objects.filter(user=user).order_by("pk").select_related("by")
    return [
        (row.kind, notice_kinds.sentence(row.kind, row.values, who=row.by.called)) for row in rows
    ]


def test_each_side_is_told_what_the_other_did(nora: User, ahmed: User) -> None:
    shown = plusk.give(giver_id=nora.pk, receiver_id=ahmed.pk, topic="django", now=NOW)
    offered = plusk.give(giver_id=nora.pk, receiver_id=ahmed.pk, topic="cycling", now=NOW)

    plusk.thank(user_id=ahmed.pk, plusk_id=shown.pk, now=NOW)
    plusk.accept(user_id=ahmed.pk, plusk_id=offered.pk, now=NOW)
    plusk.rule(plusk_id=shown.pk, void=True, now=NOW)

    assert [kind for kind, _said in notices_of(ahmed)] == ["plusk_received", "plusk_offered"]
    assert notices_of(ahmed)[0][1] == "Nora gave you +K in Django."
    assert [kind for kind, _said in notices_of(nora)] == [
        "plusk_thanked",
        "plusk_accepted",
        "plusk_void",
    ]


def test_what_was_taken_back_is_told_no_longer_and_hiding_is_not(nora: User, ahmed: User) -> None:
    one = plusk.give(giver_id=nora.pk, receiver_id=ahmed.pk, topic="django", now=NOW)
    other = plusk.give(giver_id=nora.pk, receiver_id=ahmed.pk, topic="css", now=NOW)
    plusk.rule(plusk_id=other.pk, void=True, now=NOW)

    plusk.undo(user_id=nora.pk, plusk_id=one.pk, now=NOW)
    plusk.hide(user_id=ahmed.pk, plusk_id=other.pk, now=NOW)
    plusk.rule(plusk_id=other.pk, void=False, now=NOW)

    assert len(notices_of(ahmed)) == 1
    assert notices_of(nora) == []


def praised(whom: User, viewer: User | None, *among: str) -> list[tuple[str, str]]:
    """Return (words, name of the giver) as others read them."""
    rows = plusk.praise(whom, viewer=viewer, among=among or SHOWN)
    return [(one.because, one.by.name) for one in rows]


def test_words_are_read_by_others_when_their_giver_lets_them_and_it_counts(
    nora: User, ahmed: User
) -> None:
    eve = person("eve")
    give(nora, ahmed, because="kept between us")
    one = give(nora, ahmed, "css", because="read by all", public=True)
    give(nora, ahmed, "cycling", because="waits", public=True)
    give(eve, ahmed, "jazz", because="of jazz", public=True)

    both = praised(ahmed, None)
    of_css = praised(ahmed, None, "css", "cycling")
    plusk.hide(user_id=ahmed.pk, plusk_id=one.pk, now=NOW)

    assert both == [("of jazz", ""), ("read by all", "")]
    assert of_css == [("read by all", "")]
    assert praised(ahmed, None) == [("of jazz", "")]


def test_a_giver_is_named_beside_their_words_to_whom_their_page_is_open(ahmed: User) -> None:
    rosa, eve = showing("rosa"), person("eve")
    give(rosa, ahmed, because="forms", public=True)

    assert praised(ahmed, eve) == [("forms", "Rosa")]
    assert praised(ahmed, None) == [("forms", "")]


def test_a_block_between_any_two_of_them_takes_the_words_away(nora: User, ahmed: User) -> None:
    eve = person("eve")
    give(nora, ahmed, because="forms", public=True)

    blocking.block(by=nora, whom=eve, now=NOW)
    to_eve = praised(ahmed, eve), praised(ahmed, None)
    blocking.block(by=ahmed, whom=nora, now=NOW)

    assert to_eve == ([], [("forms", "")])
    assert praised(ahmed, None) == praised(ahmed, ahmed) == []


def test_everything_of_both_sides_can_be_taken_along(nora: User, ahmed: User) -> None:
    one = give(nora, ahmed, because="forms", public=True)
    plusk.hide(user_id=ahmed.pk, plusk_id=one.pk, now=NOW)
    plusk.undo(user_id=nora.pk, plusk_id=give(nora, ahmed, "css").pk, now=NOW)
    refused = give(nora, ahmed, "cycling")
    before = list(plusk.exported(nora))
    plusk.hide(user_id=ahmed.pk, plusk_id=refused.pk, now=NOW)
    give(ahmed, showing("rosa"))

    got, gave = list(plusk.exported(nora)), list(plusk.exported(ahmed))

    assert got == before  # its giver learns of no refusal
    assert [tuple(row) for row in (*got, *gave)] == [plusk.EXPORTED] * 6
    assert [(row["way"], row["topic"], row["hidden"], row["taken_back"]) for row in got] == [
        ("given", "django", None, False),
        ("given", "css", None, True),
        ("given", "cycling", None, False),
    ]
    assert [(row["way"], row["other"], row["hidden"], row["counts"]) for row in gave] == [
        ("received", "Nora", True, False),
        ("received", "Nora", True, False),
        ("given", "Rosa", None, None),
    ]

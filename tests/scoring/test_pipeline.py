"""Snapshots, ledgers and states: what is written, what is never written again."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.models import Sum

from accounts.connectors.base import NEEDS_PERSON, Code, Kind
from accounts.models import Source
from scoring import engine, evidence, pipeline
from scoring.ingest import ingest
from scoring.models import LedgerLine, ScoreSnapshot, ScoreState
from tests.scoring import sums
from tests.scoring.readings import NOW, act, archive_of, busy, linked, post, reading

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
Reason = LedgerLine.Reason


@pytest.fixture(autouse=True)
def _what_is_kept_beside_lines_is_what_they_come_to(db: None) -> Iterator[None]:
    """Whatever a test lets happen, the sums stand as if added up now."""
    yield
    assert sums.kept() == pytest.approx(sums.by_hand(), abs=1e-9)


def scored(source: Source, days: int = 0) -> ScoreSnapshot:
    return pipeline.score_day(user_id=source.user_id, now=NOW + days * DAY)


def history(source: Source, days: int = 0) -> int:
    return pipeline.work_out_history(
        user_id=source.user_id, now=NOW + days * DAY, hold=lambda: None
    )


def read_again(source: Source, what: object, days: int) -> None:
    """Take in what the network shows `days` after NOW, as the collector does."""
    now = NOW + days * DAY
    source.refresh_from_db()
    ingest(source=source, reading=what, now=now)
    Source.objects.filter(pk=source.pk).update(read_at=now)


def reasons(snapshot: ScoreSnapshot) -> set[str]:
    return set(snapshot.lines.values_list("reason", flat=True))


def test_a_first_score_says_what_it_is_made_of_and_has_no_ledger() -> None:
    source = linked()
    ingest(source=source, reading=busy(), now=NOW)

    snapshot = scored(source)

    assert 1 < snapshot.score < 100
    assert snapshot.low <= snapshot.score <= snapshot.high
    assert sum(snapshot.made_of["part"].values()) == pytest.approx(snapshot.score - 1)
    assert snapshot.made_of["source"][0]["title"] == "Ada"
    assert len(snapshot.made_of["post"]) == 8
    assert not snapshot.lines.exists()


def test_too_little_is_a_state_and_not_the_number_one() -> None:
    source = linked()
    ingest(source=source, reading=reading(post(1), acts=(act("bob"),)), now=NOW)

    snapshot = scored(source)

    assert snapshot.score is None
    assert (snapshot.low, snapshot.high) == (None, None)
    assert (snapshot.posts, snapshot.people) == (1, 1)
    assert not ScoreState.objects.exists()


def test_counts_as_large_as_are_believed_can_be_scored_and_explained() -> None:
    source = linked()
    many = [post(number, like=10**12) for number in range(9)]
    ingest(source=source, reading=reading(*many[:8]), now=NOW)
    scored(source)
    read_again(source, reading(*many), 1)

    second = scored(source, 1)

    assert second.people == 9 * 10**12
    assert second.lines.filter(count__gte=10**12).exists()


def test_lines_sum_to_the_change_exactly() -> None:
    source = linked()
    ingest(source=source, reading=busy(30), now=NOW)
    first = scored(source)
    read_again(source, busy(60), 1)

    second = scored(source, 1)

    assert second.lines.aggregate(sum=Sum("points"))["sum"] == pytest.approx(
        second.score - first.score, abs=1e-9
    )
    assert Reason.REACTIONS in reasons(second)
    line = second.lines.filter(reason=Reason.REACTIONS).first()
    assert line.post_title.startswith("Post number")
    assert line.source_title == "Ada"


def test_today_may_be_written_again_and_compares_with_the_same_yesterday() -> None:
    source = linked()
    ingest(source=source, reading=busy(30), now=NOW)
    first = scored(source)
    read_again(source, busy(40), 1)
    scored(source, 1)
    ingest(source=source, reading=busy(60), now=NOW + DAY)

    again = scored(source, 1)

    assert ScoreSnapshot.objects.count() == 2
    assert again.lines.aggregate(sum=Sum("points"))["sum"] == pytest.approx(
        again.score - first.score, abs=1e-9
    )


def test_past_days_are_never_rewritten() -> None:
    source = linked()
    ingest(source=source, reading=busy(30), now=NOW)
    first = scored(source)
    read_again(source, busy(80), 1)

    scored(source, 1)

    kept = ScoreSnapshot.objects.get(day=first.day)
    assert (kept.pk, kept.score, kept.as_of) == (first.pk, first.score, first.as_of)


@pytest.mark.parametrize(
    ("code", "days"),
    [
        (code, days)
        for code in Code
        # What waits for its person is held 14 days; everything else for as long as it lasts.
        for days in (1, 7, 13 if code in NEEDS_PERSON else 30)
        if code != Code.OK
    ],
)
def test_a_fault_changes_the_score_by_nothing(code: Code, days: int) -> None:
    source = linked()
    ingest(source=source, reading=busy(30), now=NOW)
    first = scored(source)
    Source.objects.update(code=code, code_since=NOW)

    later = scored(source, days)

    assert later.score == first.score
    assert not later.lines.exists()


def test_after_a_fault_heals_the_score_is_that_of_a_run_without_it() -> None:
    faulty, spared = linked("ada"), linked("bob")
    for source in (faulty, spared):
        ingest(source=source, reading=busy(30), now=NOW)
        scored(source)
    for day in range(1, 8):
        read_again(spared, busy(30), day)
        scored(spared, day)
        scored(faulty, day)
    read_again(faulty, busy(30), 8)
    read_again(spared, busy(30), 8)

    assert scored(faulty, 8).score == scored(spared, 8).score


def test_a_link_that_needs_its_person_fades_after_fourteen_days() -> None:
    source = linked()
    ingest(source=source, reading=busy(30), now=NOW)
    first = scored(source)
    Source.objects.update(code=Code.REVOKED, code_since=NOW)

    faded = scored(source, 21)

    assert faded.score < first.score
    assert reasons(faded) == {Reason.UNREAD}


def test_pausing_does_not_give_back_what_faded() -> None:
    source = linked()
    ingest(source=source, reading=busy(30), now=NOW)
    scored(source)
    Source.objects.update(code=Code.REVOKED, code_since=NOW)
    faded = scored(source, 21)
    Source.objects.update(paused_at=NOW + 21 * DAY)

    paused = scored(source, 21)

    assert paused.score == faded.score


def test_an_outage_in_which_counts_grow_heals_to_the_score_of_a_run_without_it() -> None:
    faulty, spared = linked("ada"), linked("bob")

    def grown(day: int) -> object:
        return reading(*(post(n, days_ago=n / 24, like=200 - 150 // 4**day) for n in range(8)))

    for source in (faulty, spared):
        ingest(source=source, reading=grown(0), now=NOW)
    for day in range(1, 30):
        read_again(spared, grown(day), day)
    faulty.refresh_from_db()
    ingest(source=faulty, reading=grown(30), now=NOW + 30 * DAY)
    Source.objects.update(read_at=NOW + 30 * DAY)
    read_again(spared, grown(30), 30)

    assert scored(faulty, 30).score == pytest.approx(scored(spared, 30).score, abs=0.1)


def test_young_accounts_do_not_grow_credible_while_nobody_reads() -> None:
    source = linked()
    young = {"actor_since": NOW - 2 * DAY, "actor_followers": 500}
    acts = tuple(act(f"fan{n}", on=n % 8, **young) for n in range(60))
    ingest(source=source, reading=reading(*(post(n) for n in range(8)), acts=acts), now=NOW)
    first = scored(source)
    Source.objects.update(code=Code.TRANSIENT, code_since=NOW)

    assert scored(source, 14).score == first.score


def test_linking_never_lowers_and_is_its_own_line() -> None:
    source = linked()
    ingest(source=source, reading=busy(30), now=NOW)
    first = scored(source)
    archive = archive_of(source.user)
    ingest(source=archive, reading=reading(post(1, days_ago=5, like=500)), now=NOW)
    Source.objects.update(read_at=NOW + DAY)

    second = scored(source, 1)

    linked_line = second.lines.get(reason=Reason.LINKED)
    assert linked_line.source_title == "posts"
    assert linked_line.points > 0
    assert second.score > first.score


def test_unlinking_takes_exactly_what_the_page_said_beforehand() -> None:
    source = linked()
    ingest(source=source, reading=busy(30), now=NOW)
    archive = archive_of(source.user)
    ingest(source=archive, reading=reading(post(1, days_ago=5, like=500)), now=NOW)
    scored(source)
    gone_id = archive.pk
    said = pipeline.effects_without_each(
        user_id=source.user_id, source_ids=[source.pk, gone_id], now=NOW + DAY
    )
    archive.delete()

    after = scored(source, 1)

    assert said is not None
    assert after.score == said[1][gone_id] != said[1][source.pk]
    gone = after.lines.get(reason=Reason.UNLINKED)
    assert gone.source is None
    assert gone.source_title == "posts"


def test_history_is_worked_out_from_the_evidence_and_marked() -> None:
    source = linked()
    ingest(source=source, reading=busy(30), now=NOW)
    scored(source)

    days = history(source)

    past = ScoreSnapshot.objects.filter(reconstructed=True)
    assert days == past.count() > 5
    assert past.order_by("-day").first().day == NOW.date() - DAY
    chain = ScoreSnapshot.objects.order_by("day").values_list("score", flat=True)
    assert LedgerLine.objects.aggregate(sum=Sum("points"))["sum"] == pytest.approx(
        chain.last() - chain.first(), abs=1e-9
    )


def test_history_fills_only_the_days_before_the_first_and_joins_them_to_it() -> None:
    source = linked()
    ingest(source=source, reading=busy(30), now=NOW)
    first = scored(source)
    read_again(source, busy(40), 1)
    second = scored(source, 1)

    days = history(source, 1)

    past = ScoreSnapshot.objects.filter(reconstructed=True)
    assert days == past.count() > 5
    assert past.latest("day").day == first.day - DAY
    kept = ScoreSnapshot.objects.filter(reconstructed=False).order_by("day")
    assert [(one.pk, one.score) for one in kept] == [
        (first.pk, first.score),
        (second.pk, second.score),
    ]
    begin = past.order_by("day").first()
    assert LedgerLine.objects.aggregate(sum=Sum("points"))["sum"] == pytest.approx(
        second.score - begin.score, abs=1e-9
    )


def test_history_is_worked_out_once() -> None:
    source = linked()
    ingest(source=source, reading=busy(30), now=NOW)
    scored(source)
    history(source)

    assert history(source) == 0


def test_a_source_that_was_never_read_does_not_hold_up_history() -> None:
    source = linked()
    ingest(source=source, reading=busy(30), now=NOW)
    other = linked("ada2", read_at=None)
    Source.objects.filter(pk=other.pk).update(user=source.user, complete_since=None)
    scored(source)

    assert history(source) > 5


def test_a_clock_that_goes_back_rewrites_nothing() -> None:
    source = linked()
    ingest(source=source, reading=busy(30), now=NOW)
    first = scored(source)
    second = scored(source, 1)

    again = scored(source)

    assert again == second
    assert ScoreSnapshot.objects.get(day=first.day).pk == first.pk


def test_unlinking_what_leaves_too_little_is_told_as_no_score() -> None:
    source = linked()
    ingest(source=source, reading=busy(30), now=NOW)

    effects = pipeline.effects_without_each(user_id=source.user_id, source_ids=[source.pk], now=NOW)

    assert effects is not None
    assert effects[1] == {source.pk: None}


def test_a_small_days_lines_are_named_and_a_large_days_are_folded_without_loss(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pipeline, "LINES_OF_A_DAY", 3)
    source = linked()
    ingest(source=source, reading=busy(30), now=NOW)
    first = scored(source)
    read_again(source, busy(90), 1)

    second = scored(source, 1)

    assert second.lines.count() <= 3 + len(Reason)
    assert second.lines.aggregate(sum=Sum("points"))["sum"] == pytest.approx(
        second.score - first.score, abs=1e-9
    )


def test_a_percentile_counts_people_who_were_scored_yesterday() -> None:
    for number in range(9):
        source = linked(f"person{number}")
        ingest(source=source, reading=busy(10 + 10 * number), now=NOW)
        scored(source)
    early = linked("early")
    ingest(source=early, reading=busy(200), now=NOW)

    snapshot = scored(early, 1)

    assert (snapshot.percentile, snapshot.population) == (90.0, 10)


def test_a_percentile_needs_ten_people_and_names_its_population() -> None:
    for number in range(9):
        source = linked(f"person{number}")
        ingest(source=source, reading=busy(10 + 10 * number), now=NOW)
        assert scored(source).percentile is None
    tenth = linked("tenth")
    ingest(source=tenth, reading=busy(200), now=NOW)

    snapshot = scored(tenth)

    assert (snapshot.percentile, snapshot.population) == (90.0, 10)


def test_the_evidence_of_the_last_counted_day_is_kept_bit_for_bit() -> None:
    source = linked()
    ingest(source=source, reading=busy(30), now=NOW)

    snapshot = scored(source)

    kept = engine.Evidence.unpack(bytes(snapshot.state.evidence))
    again = engine.evaluate(kept, pipeline.PARAMS, evidence.microseconds(snapshot.as_of))
    assert again.score[0] == snapshot.score


def test_only_two_states_are_kept() -> None:
    source = linked()
    for day in range(5):
        read_again(source, busy(30 + day), day)
        scored(source, day)

    assert ScoreState.objects.count() == 2
    assert Kind.LIKE in set(LedgerLine.objects.values_list("kind", flat=True))


def test_unlinking_takes_the_words_of_posts_out_of_what_scores_say() -> None:
    source, other = linked("ada"), archive_of(linked("bob").user)
    Source.objects.filter(pk=other.pk).update(user=source.user)
    ingest(source=source, reading=busy(30), now=NOW)
    ingest(source=other, reading=reading(post(1, days_ago=5, like=5000)), now=NOW)
    scored(source)
    read_again(source, busy(60), 1)
    before = scored(source, 1)

    pipeline.forget_words(source=source)

    assert not LedgerLine.objects.filter(source=source).exclude(post_title="").exists()
    assert not LedgerLine.objects.filter(source=source).exclude(post_url="").exists()
    named = ScoreSnapshot.objects.get(pk=before.pk).made_of["post"]
    assert [one["title"] for one in named] == ["Post number 1 about paper maps"]
    assert before.lines.aggregate(sum=Sum("points"))["sum"] != 0

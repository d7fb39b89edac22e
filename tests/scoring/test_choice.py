"""Changing what counts: the score's change is told before, comes true, and has lines of its own."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import linking
from accounts.models import Source
from scoring import ingest, pipeline, words
from scoring.models import Job, LedgerLine, ScoreSnapshot
from scoring.receivers import effect_of_choice
from tests.accounts.builders import signed_in
from tests.scoring.readings import NOW, act, busy, linked, post, reading

pytestmark = pytest.mark.django_db


def profile_and_page() -> tuple[Source, Source]:
    """Return a profile that counts and a page that was read while it counted, and does not now."""
    profile = linked()
    page = Source.objects.create(
        user=profile.user,
        grant=profile.grant,
        network="sandbox",
        external_id="page",
        kind="page",
        title="Map Room",
        selected=True,
        read_at=NOW,
        complete_since=NOW - timedelta(days=180),
    )
    fans = tuple(act(f"fan{n}", on=1, days_ago=1 + n % 5) for n in range(60))
    quiet = reading(*(post(n, days_ago=n, like=70) for n in range(1, 7)), acts=fans)
    ingest.ingest(source=profile, reading=busy(), now=NOW)
    ingest.ingest(source=page, reading=quiet, now=NOW)
    Source.objects.filter(pk=page.pk).update(selected=False)
    return profile, page


def test_what_is_told_before_a_choice_is_what_comes() -> None:
    profile, page = profile_and_page()
    before, told = pipeline.effect_of_choice(
        user_id=profile.user_id, leaving=[profile.pk], joining=[page.pk], now=NOW
    )

    Source.objects.filter(pk=profile.pk).update(selected=False)
    Source.objects.filter(pk=page.pk).update(selected=True)
    snapshot = pipeline.score_day(user_id=profile.user_id, now=NOW)

    assert before is not None
    assert told is not None
    assert before != pytest.approx(told)
    assert snapshot.score == pytest.approx(told)


def test_a_changed_choice_has_its_own_lines_in_the_ledger() -> None:
    profile, page = profile_and_page()
    yesterday = pipeline.score_day(user_id=profile.user_id, now=NOW - timedelta(days=1))
    Source.objects.filter(pk=profile.pk).update(selected=False)
    Source.objects.filter(pk=page.pk).update(selected=True)

    today = pipeline.score_day(user_id=profile.user_id, now=NOW)

    lines = LedgerLine.objects.filter(snapshot=today)
    change = (today.score or 0) - (yesterday.score or 0)
    assert sum(line.points for line in lines) == pytest.approx(change, abs=1e-9)
    told = {(line.source_title, line.reason) for line in lines}
    assert ("Ada", LedgerLine.Reason.UNLINKED) in told
    assert ("Map Room", LedgerLine.Reason.LINKED) in told


def test_the_sentence_names_both_scores_and_the_change() -> None:
    profile, page = profile_and_page()
    before, after = pipeline.effect_of_choice(
        user_id=profile.user_id, leaving=[profile.pk], joining=[page.pk], now=NOW
    )

    said = effect_of_choice(profile.user_id, [profile.pk], [page.pk], NOW)

    assert before is not None
    assert after is not None
    assert f"from {words.decimal(before)} to {words.decimal(after)}" in said


def test_a_choice_that_leaves_nothing_says_that_there_would_be_no_score() -> None:
    profile, _page = profile_and_page()

    said = effect_of_choice(profile.user_id, [profile.pk], [], NOW)

    assert "too little would be left" in said


def test_looking_first_saves_nothing_and_keeps_the_ticks() -> None:
    profile, page = profile_and_page()
    Source.objects.update(read_at=timezone.now())
    client = signed_in(profile.user)

    seen = client.post(
        reverse("choose", args=[profile.grant_id]), {"source": [page.pk], "look": "1"}
    )

    text = seen.content.decode()
    assert seen.status_code == 200
    assert "Nothing is saved yet." in text
    assert f'value="{page.pk}" checked' in " ".join(text.split())
    assert set(Source.objects.counted().values_list("pk", flat=True)) == {profile.pk}
    assert not Job.objects.exists()
    assert not ScoreSnapshot.objects.exists()


def test_looking_at_something_of_another_person_is_refused() -> None:
    profile, _page = profile_and_page()
    other = linked("bo")
    client = signed_in(profile.user)

    seen = client.post(
        reverse("choose", args=[profile.grant_id]), {"source": [other.pk], "look": "1"}
    )

    assert seen.status_code == 400
    assert "not on your list" in seen.content.decode()


def test_what_a_page_adds_that_was_never_read_is_not_guessed() -> None:
    profile, page = profile_and_page()
    Source.objects.filter(pk=page.pk).update(read_at=None)
    client = signed_in(profile.user)

    seen = client.post(
        reverse("choose", args=[profile.grant_id]),
        {"source": [profile.pk, page.pk], "look": "1"},
    )

    assert "Not read yet: “Map Room”. What comes of it" in seen.content.decode()


def test_accounts_know_the_sentence_without_knowing_scoring() -> None:
    assert linking.effect_of_choice is effect_of_choice

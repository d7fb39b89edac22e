"""The ledger of +K cannot be changed, nor emptied, nor replaced; and what is changed is found."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from scoring import jobs, plusk
from scoring.models import Job, PlusK, PlusKAct, PlusKChain
from scoring.plusk import chain
from scoring.work import HANDLERS
from tests.scoring.builders import NOW, person
from tests.scoring.plusk_scenes import SHOWN, showing, without_triggers

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def given() -> list[PlusK]:
    """Return three +K of one person to another, of which the first was thanked for."""
    nora, ahmed = person("nora"), showing("ahmed")
    rows = [_give(nora, ahmed, slug) for slug in SHOWN]
    plusk.thank(user_id=ahmed.pk, plusk_id=rows[0].pk, now=NOW)
    return rows


def _give(giver: User, receiver: User, topic: str) -> PlusK:
    return plusk.give(giver_id=giver.pk, receiver_id=receiver.pk, topic=topic, now=NOW)


def _said(capsys: pytest.CaptureFixture[str], **options: str) -> str:
    call_command("check_plusk", **options)
    return capsys.readouterr().out


@pytest.mark.one_engine  # PostgreSQL knows no REPLACE
@pytest.mark.parametrize("row", [PlusK, PlusKAct, PlusKChain])
@pytest.mark.parametrize("other", ["", "1 +"], ids=["same number", "same place"])
def test_no_row_takes_the_place_of_another(
    given: list[PlusK], row: type[PlusK] | type[PlusKAct] | type[PlusKChain], other: str
) -> None:
    plusk.extend(now=LATER)
    before = list(row.objects.order_by("pk").values())
    columns = [field.column for field in row._meta.fields[1:]]
    table, names = row._meta.db_table, ", ".join(columns)

    with (
        pytest.raises(DatabaseError, match="only added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"INSERT OR REPLACE INTO {table} (id, {names}) SELECT {other} id, {names} FROM {table} "
            "ORDER BY id DESC LIMIT 1"
        )

    assert list(row.objects.order_by("pk").values()) == before


@pytest.mark.postgres
def test_nobody_empties_the_ledger_at_once(given: list[PlusK]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else PostgreSQL refuses for that

        with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
            cursor.execute("TRUNCATE scoring_plusk CASCADE")

    assert PlusK.objects.count() == len(given)


def test_by_night_the_chain_takes_in_what_is_an_hour_old_once(given: list[PlusK]) -> None:
    for hours in (0, 2, 3):
        now = NOW + timedelta(hours=hours)
        jobs.enqueue(kind=Job.Kind.WEIGH, subject=plusk.EVERYBODY, now=now)
        while jobs.run_next(clock=lambda now=now: now, handlers=HANDLERS):
            pass

    link = PlusKChain.objects.get()
    assert (link.plusk, link.act) == (given[-1].pk, PlusKAct.objects.get().pk)
    assert plusk.broken() is None


def test_many_rows_are_many_links_and_later_ones_follow(
    given: list[PlusK], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(chain, "A_LINK", 2)

    plusk.extend(now=LATER)

    heads = list(PlusKChain.objects.order_by("pk").values_list("head", flat=True))
    assert len(heads) == len(set(heads)) > 1
    assert f"Head: {heads[-1]}" in _said(capsys, head=heads[0])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE scoring_plusk SET topic = 'chess' WHERE id = {first}",
        "UPDATE scoring_pluskact SET kind = 'hide'",
        "DELETE FROM scoring_plusk WHERE id = {last}",
        "UPDATE scoring_pluskchain SET head = '0'",
    ],
)
def test_a_change_behind_the_triggers_is_found(given: list[PlusK], change: str) -> None:
    plusk.extend(now=LATER)

    with without_triggers(), connection.cursor() as cursor:
        cursor.execute(change.format(first=given[0].pk, last=given[-1].pk))

    with pytest.raises(CommandError, match=f"one of \\+K 1 to {given[-1].pk}"):
        call_command("check_plusk")


def test_a_head_that_was_noted_elsewhere_tells_a_ledger_that_was_chained_anew(
    given: list[PlusK], capsys: pytest.CaptureFixture[str]
) -> None:
    assert "Nothing is chained yet" in _said(capsys)
    plusk.extend(now=LATER)
    noted = PlusKChain.objects.get().head

    with without_triggers():
        PlusK.objects.filter(pk=given[0].pk).update(topic="chess")
        PlusKChain.objects.all().delete()
        plusk.extend(now=LATER)

    assert "Nothing was changed" in _said(capsys)
    with pytest.raises(CommandError, match="not in the chain"):
        call_command("check_plusk", head=noted)

"""Units and codes: uploads refused with their rows, stock up and down, a dump that says nothing."""

import io
import itertools
from datetime import timedelta
from typing import BinaryIO, cast

import pytest
from django.db import connection

from perks import campaigns, claims, codes, rotating, stock
from perks.acts import CampaignError
from perks.codes import CodesRefused
from perks.models import Campaign, CampaignAct, Unit
from perks.stock import Counts
from tests.perks.scenes import campaign_of, claimant, draft
from tests.scoring.builders import NOW


def refused_rows(text: str | bytes, **fields: int) -> list[tuple[str, tuple[int, ...]]]:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(CodesRefused) as caught:
        codes.read(io.BytesIO(data), **fields)
    return [(trouble.text, trouble.rows) for trouble in caught.value.troubles]


def test_lines_and_csv_are_read_with_or_without_a_head() -> None:
    files = ["AAAA\nBBBB\n\n\n", '\ufeffcode,note\r\nAAAA,first\r\n"BBBB",x\r\n', "AAAA;1\nBBBB;2"]

    found = [list(codes.read(io.BytesIO(file.encode())).values()) for file in files]

    assert found == [["AAAA", "BBBB"]] * 3


def test_every_row_that_is_no_code_is_named() -> None:
    found = refused_rows("GOOD-1\n\nGOOD-2\nabc\ngood-1\nGO\x07OD\n" + "x" * 65 + "\n")

    assert found == [
        ("1 row is blank.", (2,)),
        ("2 codes do not have 4 to 64 characters.", (4, 7)),
        ("1 code stands in the file twice.", (5,)),
        ("1 row has characters that cannot be shown.", (6,)),
    ]
    assert refused_rows("AAAA\nBBBBB", length=4) == [("1 code does not have 4 characters.", (2,))]
    assert refused_rows(b"AAAA\n\xff\xfe\n")[0][1] == (2,)


class Endless(io.RawIOBase):
    """A file of five million lines, of which is counted what is read."""

    def __init__(self, line: bytes) -> None:
        self.rows = itertools.repeat(line, 5_000_000)
        self.read_lines = 0

    def readline(self, size: int | None = -1) -> bytes:
        self.read_lines += 1
        return next(self.rows, b"")


def test_five_million_lines_are_refused_when_that_shows_and_not_read_to_the_end() -> None:
    same, blank = Endless(b"AAAA-BBBB\n"), Endless(b"\n")

    for file in (same, blank):
        with pytest.raises(CodesRefused, match="more than 100,000 rows"):
            codes.read(cast("BinaryIO", file))

    assert same.read_lines == blank.read_lines == codes.MOST_CODES + 2
    assert refused_rows(b"A" * 10_000_000)[0][1] == (1,)


def test_codes_that_we_make_have_128_bits_or_more_and_never_meet() -> None:
    many = {codes.made() for _code in range(1_000)}
    letters = {letter for code in many for letter in code} - {"-"}

    assert len(many) == 1_000
    assert 31**27 >= 2**128
    assert {len(code.replace("-", "")) for code in many} == {27}
    assert len(letters) == 31


@pytest.mark.django_db
def test_codes_known_here_are_refused_in_any_campaign_of_the_brand() -> None:
    one = campaign_of(2, delivery=Campaign.Delivery.CODES)
    other = campaigns.create(
        draft=draft(delivery=Campaign.Delivery.CODES, planned=2), actor_id=None, now=NOW
    )
    lines = f"NEW-1\ncode-{one.pk}-1\nNEW-2".encode()

    with pytest.raises(CodesRefused) as caught:
        stock.upload(campaign_id=other.pk, file=io.BytesIO(lines), actor_id=None, now=NOW)

    (trouble,) = caught.value.troubles
    assert (trouble.text, trouble.rows) == ("1 code was uploaded before.", (2,))
    assert not other.units.exists()


@pytest.mark.django_db
def test_fewer_codes_than_promised_are_refused_and_not_published() -> None:
    made = campaigns.create(
        draft=draft(delivery=Campaign.Delivery.CODES, planned=3), actor_id=None, now=NOW
    )

    with pytest.raises(CodesRefused, match="3 are promised; with this file there are codes for 2"):
        stock.upload(campaign_id=made.pk, file=io.BytesIO(b"AAAA\nBBBB"), actor_id=None, now=NOW)
    with pytest.raises(CampaignError, match="3 are promised, and there are codes for 0"):
        campaigns.publish(campaign_id=made.pk, actor_id=None, now=NOW)


@pytest.mark.django_db
def test_a_dump_of_the_units_tells_no_code() -> None:
    campaign = campaign_of(2, delivery=Campaign.Delivery.CODES)
    code = f"CODE-{campaign.pk}-0"

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM perks_unit")
        dump = str(cursor.fetchall())

    assert code not in dump
    assert campaign.units.order_by("number")[0].code() == code
    assert code not in str(list(campaign.units.all()))


@pytest.mark.django_db
def test_stock_goes_up_and_down_and_never_under_what_is_taken() -> None:
    nora, campaign = claimant(), campaign_of(3)
    held = claims.hold(user_id=nora.pk, campaign_id=campaign.pk, key="k", now=NOW)
    claims.claim(user_id=nora.pk, ref=held.ref, now=NOW)

    with pytest.raises(CampaignError, match="2 units are free"):
        stock.cut(campaign_id=campaign.pk, number=3, actor_id=None, now=NOW)
    down = stock.cut(campaign_id=campaign.pk, number=2, actor_id=None, now=NOW)
    up = stock.add(campaign_id=campaign.pk, number=4, actor_id=None, now=NOW)

    assert down == Counts(total=1, free=0, held=0, taken=1)
    assert up == Counts(total=5, free=4, held=0, taken=1)
    acts = list(CampaignAct.objects.order_by("pk").values_list("act", flat=True))
    assert acts == ["create", "publish", "stock down", "stock up"]


@pytest.mark.django_db
def test_codes_addresses_and_seeds_move_to_a_new_key(settings: object) -> None:
    campaign = campaign_of(2, mode=Campaign.Mode.DRAW)
    before = [unit.code() for unit in campaign.units.order_by("number")]
    settings.TOKEN_KEYS = ["new:" + "n" * 43, *settings.TOKEN_KEYS]  # type: ignore[attr-defined]

    stale = rotating.left()
    said = list(rotating.rotate())

    assert (stale, said, rotating.left()) == (3, ["", "", ""], 0)
    assert [unit.code() for unit in Unit.objects.order_by("number")] == before


@pytest.mark.django_db
def test_what_was_promised_stays_when_a_live_campaign_is_edited() -> None:
    campaign = campaign_of(2)
    changed = draft(planned=2, brand="Another", mode=Campaign.Mode.DRAW, title="New title")
    fine = draft(planned=2, title="New title", closes_at=NOW + timedelta(days=9))

    with pytest.raises(CampaignError) as caught:
        campaigns.edit(campaign_id=campaign.pk, draft=changed, actor_id=None, now=NOW)
    edited = campaigns.edit(campaign_id=campaign.pk, draft=fine, actor_id=None, now=NOW)

    assert caught.value.troubles.keys() == {"brand", "mode"}
    assert (edited.title, edited.slug) == ("New title", "fieldnote-a5-notebook")
    assert campaigns.draft_of(edited) == fine
    act = CampaignAct.objects.latest("pk")
    assert act.details == {"changed": ["title", "closes_at"], "by_site": True}


@pytest.mark.django_db
def test_a_draft_says_of_every_field_what_is_wrong_with_it() -> None:
    odd = draft(
        title=" ", gets="x" * 201, planned=0, per_person=11, learns=("score",),
        closes_at=NOW, time_zone="UTC", questions=(campaigns.Asked(""),),
    )  # fmt: skip
    short = draft(opens_at=NOW, closes_at=NOW + timedelta(hours=71))

    assert campaigns.troubles(odd).keys() == {
        "title", "gets", "planned", "per_person", "learns", "closes_at", "questions",
    }  # fmt: skip
    assert "72 hours" in campaigns.troubles(short)["closes_at"]
    assert campaigns.troubles(draft()) == {}

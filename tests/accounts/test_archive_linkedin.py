"""LinkedIn's workbook gives its top posts; what is built to do harm is refused with its place."""

import io
import tracemalloc
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.connectors.archives import ArchiveContent, ArchiveRefused, linkedin_analytics
from accounts.connectors.base import Kind, Post
from tests.accounts.archive_files import (
    NOW,
    a_workbook,
    a_zip,
    if_accepted,
    linkedin_id,
    linkedin_post,
    linkedin_workbook,
)

AT = NOW - timedelta(days=10)  # 10 November 2026
FILE = "AggregateAnalytics_Nora Bakes_2025-11-20_2026-11-19.xlsx"


def read(workbook: bytes, filename: str = FILE) -> ArchiveContent:
    return linkedin_analytics.read(io.BytesIO(workbook), filename=filename, now=NOW)


def refused(workbook: bytes) -> ArchiveRefused:
    with pytest.raises(ArchiveRefused) as caught:
        read(workbook)
    return caught.value


def top(*rows: list[Any], heading: str = "Engagements") -> bytes:
    """Return a workbook of one sheet: a heading, then these rows."""
    return a_workbook({"TOP POSTS": [["Post URL", "Date", heading], *rows]})


def test_top_posts_count_with_an_engagement_as_a_like_and_totals_are_shown() -> None:
    content = read(linkedin_workbook([linkedin_post(AT), "11/10/2026", 41]))

    assert (content.network, content.account_id, content.title) == (
        "linkedin_analytics",
        "nora bakes",
        "Nora Bakes",
    )
    assert content.claim is None
    assert content.reading.posts == (
        Post(
            external_id=linkedin_id(AT),
            created_at=AT,
            url=linkedin_post(AT),
            counts={Kind.LIKE: 41},
        ),
    )
    assert content.shown == ("Impressions: 12,345", "Members reached: 6,789")


@pytest.mark.parametrize(
    ("date", "count"),
    [
        ("11/10/2026", "1,204"),
        ("10/11/2026", "1.204"),
        ("10.11.2026", "1 204"),
        ("2026-11-10", "1204"),
        (46_336, 1204),
        (46_336.5, "1204 "),
        ("10 nov. 2026", 1204.0),
        (None, 1204),
    ],
)
def test_dates_and_numbers_may_be_written_in_any_way(date: Any, count: Any) -> None:
    content = read(top([linkedin_post(AT), date, count]))

    (post,) = content.reading.posts
    assert (post.created_at, post.counts) == (AT, {Kind.LIKE: 1204})


def test_sheets_and_headings_may_be_in_another_language() -> None:
    rows = [
        ["Höchstens 50 Beiträge"],
        ["Beitrags-URL", "Datum", "Interaktionen", None, "Beitrags-URL", "Datum", "Impressions"],
        [linkedin_post(AT), "10.11.2026", 41, None, linkedin_post(AT), "10.11.2026", 9_000],
    ]

    content = read(a_workbook({"TOP-BEITRÄGE": rows}), "Inhalte.xlsx")

    assert [post.counts for post in content.reading.posts] == [{Kind.LIKE: 41}]
    assert content.title == "LinkedIn profile"


def test_each_form_of_an_address_names_the_same_post() -> None:
    number = linkedin_id(AT)
    forms = [
        f"https://www.linkedin.com/feed/update/urn:li:share:{number}/",
        f"https://www.linkedin.com/feed/update/urn%3Ali%3AugcPost%3A{number}",
        f"https://www.linkedin.com/posts/nora-bakes_rye-activity-{number}-AbCd?utm_source=x",
    ]

    found = [read(top([form, None, 3])).reading.posts[0].external_id for form in forms]

    assert found == [number] * 3


def test_articles_whose_address_names_no_time_are_left_out_and_counted() -> None:
    article = ["https://www.linkedin.com/pulse/why-rye-nora-bakes", "11/10/2026", 7]

    reading = read(top([linkedin_post(AT), None, 3], article)).reading

    assert len(reading.posts) == 1
    assert reading.left_out == {"no_number": 1}


def test_a_list_of_impressions_alone_counts_nothing() -> None:
    error = refused(top([linkedin_post(AT), None, 9_000], heading="Impressions"))

    assert "names no posts with engagements" in str(error)


def test_a_workbook_of_totals_is_refused_with_the_totals() -> None:
    book = a_workbook({"DISCOVERY": [["Impressions", 12_345], ["Members reached", "6,789"]]})

    error = refused(book)

    assert "A score is counted from posts" in str(error)
    assert error.rows == ("Impressions: 12,345", "Members reached: 6,789")


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ([linkedin_post(AT), None, -3], "Sheet “TOP POSTS”, row 2, column C: “-3” is below 0."),
        ([linkedin_post(AT), None, 2.5], "column C: “2.5” is not a whole number"),
        ([linkedin_post(AT), None, "many"], "column C: “many” is not a whole number"),
        ([linkedin_post(AT), None, 10**15], "is more than there can be"),
        ([linkedin_post(AT), "3/4/2026", 3], "row 2, column B holds “3/4/2026”, but the number"),
        ([linkedin_post(AT), "1/1/2065", 3], "row 2, column B holds “1/1/2065”, but the number"),
        (
            [linkedin_post(NOW + timedelta(days=40)), None, 3],
            "row 2, column A has a post whose number",
        ),
    ],
)
def test_what_cannot_be_is_named_by_sheet_row_and_column(row: list[Any], sentence: str) -> None:
    error = refused(top(row))

    assert sentence in str(error)
    assert "Nothing was changed" in str(error)


def sheet(body: str, **parts: str | bytes) -> bytes:
    """Return a workbook whose one sheet has this XML inside."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    start = f'<worksheet xmlns="{main}"><sheetData>'
    return a_workbook({"S": f"{start}{body}</sheetData></worksheet>"}, **parts)


CELL, TEXT = "<c><v>{}</v></c>".format, "<si><t>{}</t></si>".format
ROW = "<row><c><v>{}</v></c></row>".format
NOISE = "".join(f"{n * 7919 % 1_000_003:x}" for n in range(600_000))
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
HOSTILE = {
    "a formula": (
        sheet('<row r="1"><c r="B1"><f>HYPERLINK("x")</f><v>1</v></c></row>'),
        "Sheet “S”, row 1, column B holds a formula",
    ),
    "macros": (sheet("", **{"vbaProject.bin": b"\xd0\xcf"}), "holds code"),
    "links to other files": (sheet("", **{"externalLinks__e1.xml": b"<a/>"}), "holds code"),
    "laughing entities": (
        a_workbook({"S": f'<!DOCTYPE s [<!ENTITY a0 "ha">{LAUGHS}]><s>&a9;</s>'}),
        "defines a document type",
    ),
    "an entity from a file": (
        a_workbook({"S": '<!DOCTYPE s [<!ENTITY e SYSTEM "file:///etc/passwd">]><s>&e;</s>'}),
        "defines a document type",
    ),
    "an entity in the list of sheets": (
        sheet("", **{"workbook.xml": "<!DOCTYPE s []><workbook/>"}),
        "defines a document type",
    ),
    "many rows": (
        sheet("".join(f'<row><c t="str"><v>{n}</v></c></row>' for n in range(60_000))),
        "longer than we read",
    ),
    "many cells": (
        sheet("".join(f"<row>{''.join(map(CELL, range(n, n + 16_000)))}</row>" for n in range(8))),
        "longer than we read",
    ),
    "texts without end": (
        sheet("", **{"sharedStrings.xml": f"<sst>{''.join(map(TEXT, range(60_000)))}</sst>"}),
        "more texts than we read",
    ),
    "elements without end": (sheet("<a>" * 100_000), "is damaged"),
    "a tag without end": (sheet(f"<row {NOISE}"), "is damaged"),
    "a comment without end": (sheet(f"<!-- {NOISE}"), "is damaged"),
    "a sheet that unfolds to much": (sheet(" " * 40_000_000), "cannot be used"),
    "a text that is not there": (
        sheet('<row><c t="s"><v>7</v></c></row>'),
        "row 1, column A points at a text that is not in it",
    ),
    "a number that is none": (sheet("<row><c><v>1e999</v></c></row>"), "“1e999”, which is no"),
    "an error": (sheet('<row><c t="e"><v>#REF!</v></c></row>'), "the error “#REF!”"),
    "half of a sheet": (sheet("<row><c></row>"), "is damaged"),
    "two sheets of one name": (
        sheet("", **{"workbook.xml": "<w><sheet name='a'/><sheet name='a'/></w>"}),
        "cannot be right",
    ),
    "no list of sheets": (a_zip({"xl/worksheets/sheet1.xml": "<a/>"}), "is missing"),
    "a file that is cut off": (sheet("")[:300], "cut off"),
    "names that lead out": (a_zip({"../xl/workbook.xml": "<a/>"}), "points outside"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_workbook_built_to_do_harm_is_refused_in_little_memory(name: str) -> None:
    workbook, sentence = HOSTILE[name]
    tracemalloc.start()

    error = refused(workbook)

    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sentence in str(error)
    assert most < 60 * 1024**2


def test_a_row_that_claims_to_be_far_down_costs_nothing() -> None:
    row = f'<row r="1048576"><c t="inlineStr"><is><t>{linkedin_post(AT)}</t></is></c>'

    content = read(sheet(f'{row}<c r="C1048576"><v>5</v></c></row>'))

    assert [post.counts for post in content.reading.posts] == [{Kind.LIKE: 5}]


@given(st.binary(max_size=60), st.integers(0, 3_000))
def test_whatever_is_changed_in_a_sheet_it_is_read_or_refused(piece: bytes, at: int) -> None:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    url = f'<c t="str"><v>{linkedin_post(AT)}</v></c>'
    rows = f'<row r="1">{url}<c r="C1"><v>5</v></c></row>' * 3
    whole = f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'.encode()
    broken = a_workbook({"S": ""}, **{"worksheets__sheet1.xml": whole[:at] + piece + whole[at:]})

    content = if_accepted(lambda: read(broken))
    assert content is None or content.reading.posts

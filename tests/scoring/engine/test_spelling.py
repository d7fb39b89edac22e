"""Searches with a slip in them find what they meant."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.topics.spelling import Names, slips
from scoring.engine.topics.taxonomy import taxonomy

pytestmark = pytest.mark.one_engine
words = st.text(alphabet=string.ascii_lowercase[:5], max_size=7)


def plainly(one: str, other: str) -> int:
    """Return the same distance by its definition, slowly."""
    if not one or not other:
        return len(one) + len(other)
    ways = [
        plainly(one[:-1], other) + 1,
        plainly(one, other[:-1]) + 1,
        plainly(one[:-1], other[:-1]) + (one[-1] != other[-1]),
    ]
    if one[-2:] == other[-2:][::-1] and len(one) > 1 < len(other):
        ways.append(plainly(one[:-2], other[:-2]) + 1)
    return min(ways)


@given(one=st.text(alphabet="abc", max_size=5), other=st.text(alphabet="abc", max_size=5))
def test_slips_are_counted_as_they_are_defined(one: str, other: str) -> None:
    true = plainly(one, other)

    assert slips(one, other, 9) == true
    assert slips(one, other, 1) == (true if true <= 1 else None)


@given(wanted=words, names=st.lists(words, max_size=20))
def test_leaving_names_out_beforehand_loses_none(wanted: str, names: list[str]) -> None:
    counts = {name: plainly(wanted, name) for name in names}
    most = 1 if len(wanted) >= 4 else -1
    fewest = min((count for count in counts.values() if count <= most), default=-1)

    assert set(Names(names).near(wanted)) == {one for one, n in counts.items() if n == fewest}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("pyhton", "python"),
        ("photogaphy", "photography"),
        ("artifical inteligence", "artificial-intelligence"),
        ("sourdouh", "bread"),
        ("Sauertieg", "bread"),
        ("gardning", "gardening"),
        ("climte", "climate"),
    ],
)
def test_a_slip_leads_to_the_topic(typed: str, meant: str) -> None:
    assert taxonomy().near(typed)[0].slug == meant


@pytest.mark.parametrize("typed", ["", "zzzzzzzz", "jaz", "\x00", "🎷", "x" * 500, "日本語"])
def test_what_is_near_nothing_leads_nowhere(typed: str) -> None:
    assert taxonomy().near(typed) == []


@pytest.mark.parametrize(
    ("typed", "language"),
    [("Sauerteig", "de"), ("sauerteig", "en"), ("masa madre", "es"), ("levain", "fr")],
)
def test_further_names_of_other_languages_are_found(typed: str, language: str) -> None:
    assert taxonomy().search(typed, language)[0].slug == "bread"

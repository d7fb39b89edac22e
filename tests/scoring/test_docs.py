"""The model's document names the constants that the code has."""

import re

import pytest
from django.conf import settings

from scoring.engine import Params
from scoring.engine.params import _RANGES

MODEL = (settings.BASE_DIR / "docs" / "scoring.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)`[^|]*\| ([\d.,]+) \|[^|]*\| (above )?([\d.,]+) to ([\d.,]*\d)", re.M)


def number(text: str) -> float:
    return float(text.replace(",", ""))


def rows() -> list[tuple[str, ...]]:
    """Return (name, value, "above " or "", low, high) of each constant with a single value."""
    return [row for row in ROW.findall(MODEL) if row[0] in _RANGES and row[0] != "effort"]


def test_the_document_lists_every_constant_of_the_model() -> None:
    named = set(re.findall(r"^\| `(\w+)`", MODEL, re.M))

    assert set(_RANGES) - named == set()
    assert {name for name, *_ in rows()} == set(_RANGES) - {"effort", "passing_on"}


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_constant_has_the_value_and_the_range_of_the_document(row: tuple[str, ...]) -> None:
    name, value, above, low, high = row
    lowest, highest = _RANGES[name]

    assert getattr(Params(), name) == number(value)
    assert highest == number(high)
    assert (0 < lowest < 1e-3) if above else (lowest == number(low))

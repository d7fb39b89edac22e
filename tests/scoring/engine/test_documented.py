"""The constants people read about are the ones that count."""

from dataclasses import fields
from pathlib import Path

import pytest

from scoring.engine import ALGORITHM, Params, audience

TEXT = (Path(__file__).parents[3] / "docs" / "scoring.md").read_text(encoding="utf-8")
NUMBERS = [
    name
    for name in (column.name for column in fields(Params))
    if name not in ("effort", "passing_on")
]
AUDIENCE = ["FULL_AUDIENCE", "GROWN_UP_DAYS", "FIRST_DAY", "INFLUENCE_DECADES"]


def told(name: str) -> list[str]:
    """Return the cells of the row that tells of a constant."""
    (row,) = (line for line in TEXT.splitlines() if line.startswith(f"| `{name}`"))
    return [cell.strip() for cell in row.strip("|").split("|")]


@pytest.mark.parametrize("name", NUMBERS)
def test_every_constant_of_the_model_is_told_with_its_value(name: str) -> None:
    cells = told(name)

    assert float(cells[1].replace(",", "")) == getattr(Params(), name)
    assert all(cells)


@pytest.mark.parametrize("name", AUDIENCE)
def test_every_constant_of_people_is_told_with_its_value(name: str) -> None:
    cells = told(name)

    assert float(cells[1].replace(",", "")) == getattr(audience, name)
    assert all(cells)


def test_the_model_is_told_by_its_name() -> None:
    assert f"Model `{ALGORITHM}`" in TEXT

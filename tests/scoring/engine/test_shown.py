"""What is shown of a ledger adds up to what is shown of the change."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine import shown

POINTS = st.floats(-30, 30)


@given(st.lists(POINTS, min_size=1, max_size=40), st.integers(0, 3))
def test_shown_lines_add_up_to_the_shown_change(values: list[float], decimals: int) -> None:
    rounded = shown(values, decimals)

    total = round(math.fsum(values) * 10**decimals)
    assert sum(round(value * 10**decimals) for value in rounded) == total
    for value, seen in zip(values, rounded, strict=True):
        assert abs(value - seen) < 10**-decimals + 1e-9


@given(st.lists(POINTS, min_size=1, max_size=40), st.integers(-300, 300))
def test_shown_lines_add_up_to_any_change_they_are_told(values: list[float], units: int) -> None:
    rounded = shown(values, total=units / 10)

    assert sum(round(value * 10) for value in rounded) == units


def test_the_unit_goes_to_those_who_lost_most_by_rounding() -> None:
    assert shown([0.24, 0.23, 0.03], total=0.5) == [0.3, 0.2, 0.0]
    assert shown([0.04, 0.04, 0.04]) == [0.1, 0.0, 0.0]


def test_losses_round_like_gains() -> None:
    assert shown([-0.24, -0.23, -0.03]) == [-0.3, -0.2, 0.0]


def test_a_line_of_nothing_stays_nothing() -> None:
    assert shown([0.0, 0.26, 0.11, 0.0], total=0.5) == [0.0, 0.3, 0.2, 0.0]
    assert shown([0.0, 0.26, 0.21, 0.0], total=0.3) == [0.0, 0.2, 0.1, 0.0]


def test_no_lines_show_nothing() -> None:
    assert shown([], total=3.0) == []


@pytest.mark.parametrize("decimals", [0, 1, 2])
def test_what_is_already_round_stays(decimals: int) -> None:
    assert shown([1.0, -2.0, 3.0], decimals) == [1.0, -2.0, 3.0]

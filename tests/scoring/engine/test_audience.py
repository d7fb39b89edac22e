"""Credibility and influence of people, from what everybody can see of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine import credibility_of, influence_of, influence_of_score

FOLLOWERS = st.integers(0, 10**9)
AGES = st.floats(0, 5_000)


@given(FOLLOWERS, FOLLOWERS, AGES, AGES)
def test_more_followers_and_more_years_never_lower_credibility(
    one: int, other: int, age: float, other_age: float
) -> None:
    fewer, more = sorted((one, other))
    younger, older = sorted((age, other_age))

    least, most = credibility_of([fewer, more], [younger, older])

    assert 0.1 <= least <= most <= 1.0


def test_credibility_runs_from_a_tenth_to_one() -> None:
    values = credibility_of([0, 100, 10_000, 10**8])

    assert values.tolist() == pytest.approx([0.1, 0.551, 1.0, 1.0], abs=0.001)


def test_a_new_account_grows_into_its_credibility_without_a_jump() -> None:
    days = np.arange(0, 40, 0.01)

    values = credibility_of(np.full(len(days), 5_000), days)

    assert values[0] == pytest.approx(0.1 + 0.9 * 0.25 * np.log10(5_001) / np.log10(10_001))
    assert np.all(np.diff(values) >= 0)
    assert np.diff(values).max() < 0.001
    assert values[-1] == credibility_of([5_000])[0]


def test_what_is_not_told_stays_not_known() -> None:
    assert np.isnan(credibility_of([np.nan], [3.0])).all()
    assert np.isnan(influence_of([np.nan])).all()
    assert credibility_of([500], [np.nan]) == credibility_of([500], None)


def test_influence_is_the_scale_of_the_score() -> None:
    assert influence_of([0, 15, 999, 10**8 - 1, 10**10]).tolist() == pytest.approx(
        [0.0, 0.1505, 0.375, 1.0, 1.0], abs=0.001
    )
    assert influence_of_score(np.array([1.0, 50.5, 100.0])).tolist() == [0.0, 0.5, 1.0]

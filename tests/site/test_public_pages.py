"""Landing and "How it counts": their numbers are the engine's, and nobody needs an account."""

import math
import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from kloutsite.how_it_counts import MODELS, constants, efforts
from kloutsite.worked_example import worked_example
from scoring.engine import ALGORITHM, Params, trust

pytestmark = pytest.mark.django_db


def test_the_landing_page_shows_a_sample_that_says_it_is_one(client: Client) -> None:
    page = client.get(reverse("landing")).content.decode()

    example = worked_example()
    assert "Made-up sample" in page
    assert f"Score {example.after} of 100" in page
    assert all(line.figure in page for line in example.lines)


def test_the_landing_page_sends_members_home(client: Client) -> None:
    client.force_login(
        User.objects.create_user("ada"), backend="django.contrib.auth.backends.ModelBackend"
    )

    response = client.get(reverse("landing"))

    assert response.status_code == 302
    assert response["Location"] == reverse("home")


def test_sample_people_can_be_tried_only_while_the_sandbox_is_on(
    client: Client, settings: pytest.FixtureRequest
) -> None:
    with_sandbox = client.get(reverse("landing")).content.decode()
    settings.SANDBOX = False  # type: ignore[attr-defined]

    without = client.get(reverse("landing")).content.decode()

    assert "Try with sample people" in with_sandbox
    assert "The sandbox is on" in with_sandbox
    assert "Try with sample people" not in without
    assert "The sandbox is on" not in without


def test_the_worked_example_adds_up_as_it_is_shown() -> None:
    example = worked_example()

    change = math.fsum(line.shown for line in example.lines)
    points = math.fsum(float(part.points) for part in example.parts)

    assert round(change, 1) == round(float(example.after) - float(example.before), 1)
    assert round(points, 1) == float(example.after)
    assert float(example.low) <= float(example.after) <= float(example.high)


def test_the_worked_example_shows_a_gain_a_loss_and_no_empty_line() -> None:
    lines = worked_example().lines

    assert {line.direction for line in lines} == {"up", "down"}


def test_the_page_prints_the_constants_of_the_engine(client: Client) -> None:
    params = Params()

    page = client.get(reverse("how_it_counts")).content.decode()

    assert f"2^(−t/{params.half_life_days:g})" in page
    assert (
        f"Score = {params.weight_reach:.2f}·s(R) + {params.weight_amplification:.2f}·s(A)"
        f" + {params.weight_network:.2f}·s(N)" in page
    )
    assert f"{params.overlap:g}·Σ n·d" in page
    assert all(effort.name in page for effort in efforts(params))


def test_the_page_says_how_far_a_plusk_counts_by_the_constants_of_the_engine(
    client: Client,
) -> None:
    page = " ".join(client.get(reverse("how_it_counts")).content.decode().split())

    said = page[page.index('id="plusk"') :]
    assert f"has a score for {trust.ENOUGH_DAYS} days" in said
    assert f"reacted to by {trust.ENOUGH_PEOPLE} people" in said
    assert f"as much again counts, and {trust.ALLOWED:g} more" in said
    assert f"to another {trust.WHOLE} count wholly" in said


def test_other_constants_give_other_words() -> None:
    params = Params(
        half_life_days=14, weight_reach=0.5, weight_amplification=0.3, weight_network=0.2
    )

    said = constants(params)

    assert (said["half_life"], said["reach"], said["network"]) == ("14", "0.50", "0.20")


def test_the_newest_model_of_the_log_is_the_one_that_counts(client: Client) -> None:
    page = client.get(reverse("how_it_counts")).content.decode()

    assert MODELS[0].version == ALGORITHM
    assert [model.since for model in MODELS] == sorted(
        (model.since for model in MODELS), reverse=True
    )
    assert all(model.version in page for model in MODELS)


@pytest.mark.parametrize("name", ["landing", "how_it_counts"])
def test_pages_that_are_the_same_for_all_may_be_found(name: str, client: Client) -> None:
    page = client.get(reverse(name)).content.decode()

    assert "noindex" not in page


def test_all_other_pages_ask_not_to_be_found(client: Client) -> None:
    page = client.get(reverse("account_login")).content.decode()

    assert '<meta name="robots" content="noindex">' in page


def test_the_place_one_is_at_is_marked(client: Client) -> None:
    client.force_login(
        User.objects.create_user("ada"), backend="django.contrib.auth.backends.ModelBackend"
    )

    links = client.get(reverse("links")).content.decode()
    reads = client.get(reverse("what_we_read", args=["mastodon"])).content.decode()

    assert re.search(r'href="/links/"\s+aria-current="page"', links)
    assert re.search(r'href="/links/"\s+aria-current="true"', reads)
    assert len(re.findall("aria-current", links)) == 1

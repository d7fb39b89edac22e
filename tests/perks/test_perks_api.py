"""What programs learn of perks: as on the pages, and never a code."""

from datetime import timedelta

import pytest

from accounts.models import GivenFacts
from perks import campaigns, claims, entries, replies, tries, waiting
from perks.eligibility import Rules
from perks.models import Campaign, CampaignEvent, Claim
from tests.perks.scenes import campaign_of, claimant
from tests.scoring.api_scenes import BASE, problem, program, token_of, told
from tests.scoring.builders import NOW
from tests.scoring.pages import at_noon
from tests.scoring.test_pages_cost import AssertQueries

__all__ = ["at_noon"]
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]


def test_every_rule_comes_as_needed_and_you() -> None:
    nora = claimant(score=37.0)
    campaign_of(3)
    campaign_of(2, title="A map", rules=Rules(score_from=30), waiting_list=False)

    perks = {one["title"]: one for one in told(program(token_of(nora)), "/me/perks")["perks"]}

    closed, open_ = perks["Fieldnote A5 notebook"], perks["A map"]
    score = next(rule for rule in closed["rules"] if not rule["fits"])
    assert (closed["fits"], closed["group"]) == (False, "nearly")
    assert ("40" in score["needed"], "37.0" in score["you"]) == (True, True)
    assert "3.0" in score["missing"]
    assert (open_["fits"], open_["group"], open_["left"], open_["total"]) == (True, "open", 2, 2)
    assert not CampaignEvent.objects.exists()


def test_no_code_is_told_wherever_one_asks() -> None:
    nora = claimant()
    perk = campaign_of(2, delivery=Campaign.Delivery.CODES, how_to_use="At the checkout")
    held = claims.hold(user_id=nora.pk, campaign_id=perk.pk, key="press", now=NOW)
    claims.claim(user_id=nora.pk, ref=held.ref, now=NOW)
    code = claims.show_code(user_id=nora.pk, ref=held.ref, now=NOW)
    replies.rate(user_id=nora.pk, ref=held.ref, stars=4, words="Good paper", now=NOW)
    asking = program(token_of(nora))

    whole = told(asking, f"/me/claims/{held.ref}")
    paths = ("/me/perks", f"/me/perks/{perk.slug}", "/me/claims", f"/me/claims/{held.ref}")
    bodies = [asking.get(f"{BASE}{path}").content.decode() for path in paths]

    assert (whole["state"], whole["how_to_use"]) == ("claimed", "At the checkout")
    assert (whole["stars"], whole["words"]) == (4, "Good paper")
    assert whole["code_shown_at"]
    assert code
    assert not any(code in body for body in bodies)


def test_many_perks_and_claims_cost_as_many_queries_as_one(
    django_assert_num_queries: AssertQueries,
) -> None:
    nora = claimant()
    asking = program(token_of(nora))
    asking.get(f"{BASE}/me/given")  # the first of a day takes note of that
    for number in range(3):
        perk = campaign_of(1, title=f"Map {number}")
        claims.hold(user_id=nora.pk, campaign_id=perk.pk, key="press", now=NOW)

        with django_assert_num_queries(13):
            perks = told(asking, "/me/perks")["perks"]
        with django_assert_num_queries(4):
            mine = told(asking, "/me/claims")["claims"]

        assert len(perks) == len(mine) == number + 1


def test_what_one_waits_for_comes_with_the_place() -> None:
    first, second, nora = (claimant(name) for name in ("bo", "cy", "nora"))
    perk = campaign_of(1)
    claims.hold(user_id=first.pk, campaign_id=perk.pk, key="press", now=NOW)
    for one in (second, nora):
        waiting.join(user_id=one.pk, campaign_id=perk.pk, now=NOW)
    asking = program(token_of(nora))

    mine, one = told(asking, "/me/claims"), told(asking, f"/me/perks/{perk.slug}")

    assert mine["waits"] == [{"perk": perk.slug, "title": perk.title, "place": 2}]
    assert (one["waiting_place"], one["waits"], one["waiting"]) == (2, True, 2)


def test_a_draw_tells_its_seed_once_it_was_drawn() -> None:
    nora = claimant()
    perk = campaign_of(1, mode=Campaign.Mode.DRAW, closes_at=NOW + timedelta(days=6))

    draw = told(program(token_of(nora)), f"/me/perks/{perk.slug}")["draw"]

    assert (draw["seed"], draw["lot"], draw["name"]) == ("", None, "")
    assert len(draw["commitment"]) == 64


def test_a_draw_that_was_called_off_is_none_that_one_takes_part_in() -> None:
    nora = claimant()
    on, off = (campaign_of(1, title=name, mode=Campaign.Mode.DRAW) for name in ("On", "Off"))
    for one in (on, off):
        entries.enter(user_id=nora.pk, campaign_id=one.pk, now=NOW)
    campaigns.end(campaign_id=off.pk, actor_id=None, now=NOW)

    draws = told(program(token_of(nora)), "/me/claims")["draws"]

    assert [one["title"] for one in draws] == ["On"]


def test_claims_of_others_and_perks_that_are_none_are_one_404() -> None:
    nora, eve = claimant(), claimant("eve")
    perk = campaign_of(1)
    held = claims.hold(user_id=nora.pk, campaign_id=perk.pk, key="press", now=NOW)
    Campaign.objects.filter(pk=campaign_of(1, title="Draft").pk).update(published_at=None)
    asking = program(token_of(eve))

    wrong = [f"/me/claims/{held.ref}", "/me/perks/draft", "/me/perks/%00", "/me/perks/none"]
    said = {problem(asking.get(f"{BASE}{path}")) for path in wrong}

    assert said == {(404, "not-found")}
    assert Claim.objects.get().user_id == nora.pk


def test_who_guesses_at_claims_is_told_to_wait() -> None:
    asking = program(token_of(claimant()))
    path = f"{BASE}/me/claims/7f1f3f0e-0000-4000-8000-00000000000"

    said = [problem(asking.get(f"{path}{at % 10}")) for at in range(tries.PER_MINUTE + 1)]
    last = asking.get(f"{path}1")

    assert said[-2:] == [(404, "not-found"), (429, "too-many")]
    assert int(last["Retry-After"]) >= 1


def test_what_somebody_said_of_themselves_can_be_had() -> None:
    nora = claimant()
    asking = program(token_of(nora))

    before = told(asking, "/me/given")
    GivenFacts.objects.create(user=nora, country="PT", birth_year=1990)

    assert before == {"country": "", "birth_year": None}
    assert told(asking, "/me/given") == {"country": "PT", "birth_year": 1990}

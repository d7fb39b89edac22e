"""Many at once: of ten units ten go, each to one, whoever meets whom where; with controls."""

import itertools
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from benchmarks.pages import served, signed_in
from perks import claims, entries, lots, people, stock
from perks.eligibility import reasons
from perks.models import OPEN, Campaign, Claim, Entry, Unit, WaitingPlace
from perks.refusals import No, Refused
from tests.meeting import Act, all_at_once, meeting
from tests.perks import crowd
from tests.perks.scenes import campaign_of, claimant, running
from tests.processes import MANAGE, environment
from tests.scoring.builders import NOW

pytestmark = pytest.mark.django_db(transaction=True)
NUMBERS = itertools.count(1)


def somebody() -> User:
    return claimant(f"person{next(NUMBERS)}")


def holding(user: User, campaign: Campaign, key: str = "k") -> Act:
    return lambda: claims.hold(user_id=user.pk, campaign_id=campaign.pk, key=key, now=NOW)


def pressing(user: User, campaign: Campaign, key: str = "k") -> Act:
    """Hold and claim, as somebody does who presses through."""

    def press() -> None:
        one = claims.hold(user_id=user.pk, campaign_id=campaign.pk, key=key, now=NOW)
        claims.claim(user_id=user.pk, ref=one.ref, now=NOW)

    return press


def assert_sound(campaign: Campaign, *, total: int) -> None:
    """Taken and free are all, and each unit that is not free is one person's."""
    found = stock.counts(campaign.pk)
    assert found.free + found.held + found.taken == found.total == total
    open_claims = Claim.objects.filter(campaign=campaign, state__in=OPEN)
    units = list(open_claims.values_list("unit", flat=True))
    assert len(set(units)) == len(units) == found.held + found.taken
    users = list(open_claims.values_list("user", flat=True))
    assert len(set(users)) == len(users)


def test_of_ten_units_fifty_people_at_once_get_ten() -> None:
    campaign = campaign_of(10)
    acts = [pressing(somebody(), campaign) for _person in range(50)]

    failed = all_at_once([acts[start::10] for start in range(10)])

    assert Counter(getattr(error, "no", error) for error in failed) == {No.GONE: 40}
    assert_sound(campaign, total=10)
    assert stock.counts(campaign.pk).taken == 10


@pytest.mark.parametrize("number", [8, pytest.param(100, marks=pytest.mark.slow)])
def test_who_presses_five_times_at_once_has_one(number: int) -> None:
    crowd, campaign = [somebody() for _person in range(number)], campaign_of(number + 9)
    same = [[pressing(each, campaign) for each in crowd] for _press in range(3)]
    other = [[pressing(each, campaign, f"{n}") for each in crowd] for n in range(2)]

    failed = all_at_once(same + other)

    assert failed == []
    assert_sound(campaign, total=number + 9)
    assert stock.counts(campaign.pk).taken == number


@pytest.mark.postgres
def test_the_last_one_is_waited_for_before_somebody_is_told_that_it_is_gone() -> None:
    nora, ahmed, campaign = somebody(), somebody(), campaign_of(1)

    (failed,) = meeting(holding(nora, campaign), holding(ahmed, campaign))

    assert isinstance(failed, Refused)
    assert failed.no is No.GONE
    assert Claim.objects.get(campaign=campaign).user == nora


@pytest.mark.postgres
def test_the_last_one_goes_to_the_other_when_whoever_took_it_failed() -> None:
    nora, ahmed, campaign = somebody(), somebody(), campaign_of(1)

    def fail() -> None:
        raise ConnectionError

    failed = meeting(holding(nora, campaign), holding(ahmed, campaign), fail)

    assert [type(error) for error in failed] == [ConnectionError]
    assert Claim.objects.get(campaign=campaign).user == ahmed


@pytest.mark.postgres
def test_two_profiles_that_share_an_account_do_not_both_get_one() -> None:
    nora, ahmed, campaign = somebody(), somebody(), campaign_of(5)
    with transaction.atomic():
        held = claims.hold(user_id=nora.pk, campaign_id=campaign.pk, key="k", now=NOW)
        transaction.set_rollback(True)
    moved = list(nora.socialaccount_set.all())

    def move_and_hold() -> None:
        nora.socialaccount_set.model.objects.filter(pk=moved[0].pk).update(user=ahmed)
        holding(ahmed, campaign)()

    failed = meeting(holding(nora, campaign), move_and_hold)

    assert held.pk
    assert [getattr(error, "no", error) for error in failed] == [No.ACCOUNT_USED]
    assert_sound(campaign, total=5)


def taking_without_a_lock(user: User, campaign: Campaign) -> Act:
    """Return what a request does that reads a free unit and then takes it."""

    def act() -> None:
        with transaction.atomic():
            unit = Unit.objects.filter(campaign=campaign, state=Unit.State.FREE).first()
            assert unit is not None
            facts = people.facts_of([user.pk], brand=campaign.brand, now=NOW)[user.pk]
            found = reasons(campaign.fits, facts)
            claims.keep(user, campaign, unit, facts, found, key="k", now=NOW, until=NOW)

    return act


@pytest.mark.postgres
def test_control_without_the_lock_only_the_database_says_no() -> None:
    nora, ahmed, campaign = somebody(), somebody(), campaign_of(1)

    (failed,) = meeting(
        taking_without_a_lock(nora, campaign), taking_without_a_lock(ahmed, campaign)
    )

    assert isinstance(failed, IntegrityError)
    assert "perk_unit_goes_to_one" in str(failed)


@contextmanager
def without_the_last_wall() -> Iterator[None]:
    """Take the constraint away by which a unit goes to one, and what broke it at the end."""
    name = "perk_unit_goes_to_one"
    (wall,) = [one for one in Claim._meta.constraints if one.name == name]
    with connection.schema_editor() as editor:
        editor.remove_constraint(Claim, wall)
    try:
        yield
    finally:
        Claim.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Claim, wall)


@pytest.mark.postgres
def test_control_without_lock_and_constraint_one_unit_goes_to_two() -> None:
    nora, ahmed, campaign = somebody(), somebody(), campaign_of(1)

    with without_the_last_wall():
        failed = meeting(
            taking_without_a_lock(nora, campaign), taking_without_a_lock(ahmed, campaign)
        )
        number = Claim.objects.filter(campaign=campaign).count()

    assert failed == []
    assert number == 2


def drawn_while(act: Act, campaign: Campaign, *, act_first: bool) -> list[Exception]:
    """Let an act about a draw meet the draw itself; whoever is second comes while the first works.

    Afterwards everybody in the list has a lot of their own, and nobody else.
    """

    def draw() -> None:
        entries.draw(campaign_id=campaign.pk, now=campaign.closes_at)

    failed = meeting(act, draw) if act_first else meeting(draw, act)
    places = [one.place for one in Entry.objects.filter(campaign=campaign).order_by("place")]
    waits = WaitingPlace.objects.filter(campaign=campaign, state=WaitingPlace.State.WAITING)
    if places != list(range(1, len(places) + 1)) or waits.count() != len(places):
        failed.append(AssertionError(f"lots {places}, of whom {waits.count()} wait"))
    return failed


def entering(user: User, campaign: Campaign) -> Act:
    just = campaign.closes_at - timedelta(seconds=1)
    return lambda: entries.enter(user_id=user.pk, campaign_id=campaign.pk, now=just)


def withdrawing(user: User, campaign: Campaign) -> Act:
    just = campaign.closes_at - timedelta(seconds=1)
    return lambda: entries.withdraw(user_id=user.pk, campaign_id=campaign.pk, now=just)


@pytest.mark.postgres
@pytest.mark.parametrize("act_first", [True, False])
@pytest.mark.parametrize("way", [entering, withdrawing])
def test_who_enters_or_leaves_while_lots_are_drawn_has_one_or_is_refused(
    way: Callable[[User, Campaign], Act], act_first: bool
) -> None:
    nora, ahmed, campaign = somebody(), somebody(), campaign_of(1, mode=Campaign.Mode.DRAW)
    for one in (ahmed, nora) if way is withdrawing else (ahmed,):
        entering(one, campaign)()

    failed = drawn_while(way(nora, campaign), campaign, act_first=act_first)

    assert [getattr(error, "no", error) for error in failed] == ([] if act_first else [No.ENDED])


@pytest.mark.postgres
def test_control_who_enters_without_a_look_at_the_draw_gets_no_lot() -> None:
    nora, ahmed, campaign = somebody(), somebody(), campaign_of(1, mode=Campaign.Mode.DRAW)
    entering(ahmed, campaign)()

    def enter() -> None:
        with transaction.atomic():
            claims.lock(nora.pk)
            Entry.objects.create(user=nora, campaign=campaign, name=lots.new_name(), at=NOW)

    (failed,) = drawn_while(enter, campaign, act_first=False)

    assert "lots [1, None]" in str(failed)


PEOPLE, UNITS, CONNECTIONS = 500, 10, 50
RUNS = 20


@pytest.mark.slow
def test_of_ten_units_500_people_over_50_connections_get_ten_each_time(tmp_path: Path) -> None:
    """Through the site's own server with its two processes: sessions, tokens, forms and pages."""
    sessions = [signed_in(somebody()) for _person in range(PEOPLE)]
    env = environment(STATIC_ROOT=str(tmp_path))
    collect = [*MANAGE, "collectstatic", "--noinput", "-v0"]
    subprocess.run(collect, env=env, check=True)
    people = list[crowd.Person]()

    with served(**env) as port:
        for run in range(RUNS):
            campaign = running(UNITS)
            page = campaign.slug
            people = people or crowd.opened(port, page, sessions, connections=CONNECTIONS)
            # In the first run everybody reads what they are told; afterwards the lists say it.
            went = crowd.press(port, page, people, connections=CONNECTIONS, read=not run)

            assert went.outcomes == {"claimed": UNITS, "gone": PEOPLE - UNITS}
            assert_sound(campaign, total=UNITS)
            assert stock.counts(campaign.pk).taken == UNITS
            waits = WaitingPlace.objects.filter(campaign=campaign, state="waiting")
            assert waits.count() == PEOPLE - UNITS

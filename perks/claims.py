"""Claims that never go wrong: holding a unit, claiming it, giving it back, and what follows.

    hold(user_id, campaign_id, key, now)      a free unit is held for 15 minutes, or Refused
    claim(user_id, ref, now, address, answers)  the held one becomes the person's, with a mail
    give_back(user_id, ref, now)              the unit goes to the next on the waiting list
    expire(campaign_id, now)                  holds that ran out give their units back
    show_code(user_id, ref, now)              the code, to its person alone
    mark_redeemed(user_id, ref, now)          the person used it
    report_problem(user_id, ref, text, now)   a case for operators; the claim stays as it is

Each is one transaction: all of it happens or nothing, the mail's job included. Pressing twice is
one claim. Locks go from the person to the claim to the unit to the job. Each unit is a row, taken
with SKIP LOCKED, so that nobody waits for somebody else's; SQLite lets one transaction write at a
time. Who fits is judged in that transaction, from what is published then.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, QuerySet

from accounts import cases
from accounts.models import User
from accounts.prepared import NUMBER, Prepared
from perks import asking, letters, people
from perks.eligibility import Facts, Reason, reasons
from perks.models import OPEN, Answer, Campaign, Claim, ClaimAccount, Unit, WaitingPlace
from perks.refusals import No, Refused
from scoring import jobs
from scoring.models import Job

HOLD = timedelta(minutes=15)
State = Claim.State


@transaction.atomic
def hold(*, user_id: int, campaign_id: int, key: str, now: datetime) -> Claim:
    """Hold a unit for 15 minutes. Who has or holds one gets the same claim again.

    key: made with the form, so that the same press twice is one. Raises Refused.
    """
    user = lock(user_id)
    campaign = find(campaign_id)
    mine = _mine(user, campaign, now)
    same = [one for one in mine if one.key == key or one.state == State.HELD]
    if same or len(mine) >= campaign.per_person:
        return (same or mine)[-1]
    refuse_unless_open(campaign, now)
    if campaign.mode == Campaign.Mode.DRAW:
        raise Refused(No.BY_LOT)
    if is_gone(campaign):
        raise Refused(No.GONE, at=last_at(campaign))
    facts, found = judge(user, campaign, now)
    unit = take_unit(campaign)
    if unit is None:
        raise Refused(No.GONE, at=last_at(campaign))
    return keep(user, campaign, unit, facts, found, key=key, now=now, until=now + HOLD)


def _mine(user: User, campaign: Campaign, now: datetime) -> list[Claim]:
    """Return the person's open claims, once a hold that ran out is ended."""
    rows = Claim.objects.select_related("campaign").filter(user=user, campaign=campaign)
    rows = rows.filter(state__in=OPEN).order_by("pk").select_for_update(of=("self",))
    found = list(rows)
    for one in found:
        if one.state == State.HELD and not running(one, now):
            end(one, State.EXPIRED, now)
    return [one for one in found if one.state in OPEN]


@transaction.atomic
def claim(
    *,
    user_id: int,
    ref: UUID,
    now: datetime,
    address: str = "",
    answers: Mapping[int, str] | None = None,
) -> Claim:
    """Make a held unit the person's. Doing it again changes nothing.

    address: where a parcel goes. answers: question id -> what the person says. Raises Refused.
    """
    user = lock(user_id)
    mine = own(user, ref)
    if mine.state in (State.CLAIMED, State.REDEEMED):
        return mine
    campaign = mine.campaign
    refuse_if_stopped(campaign)
    if not running(mine, now):
        raise Refused(No.RAN_OUT)
    facts, found = judge(user, campaign, now, leave_out=campaign.pk)
    address = asking.address(campaign, address)
    said = asking.answers(campaign, answers or {})
    mine.state, mine.claimed_at, mine.held_until = State.CLAIMED, now, None
    mine.snapshot_id, mine.facts = facts.snapshot_id, packed(found)
    if address:
        mine.seal_address(address)
        mine.shipment, mine.shipped_at = Claim.Shipment.WAITING, now
    mine.save()
    Answer.objects.bulk_create(
        [Answer(claim=mine, question=question, text=text) for question, text in said.items()]
    )
    assert mine.unit_id is not None, "perk_claim_has_unit"
    Unit.objects.filter(pk=mine.unit_id).update(state=Unit.State.TAKEN)
    letters.claimed(mine, at=now)
    return mine


@transaction.atomic
def give_back(*, user_id: int, ref: UUID, now: datetime) -> Claim:
    """Give a unit back, which goes to the next on the list. Doing it again changes nothing.

    A code that was seen and a parcel that was packed stay. Raises Refused.
    """
    mine = own(lock(user_id), ref)
    if mine.state == State.RETURNED:
        return mine
    if mine.state not in (State.HELD, State.CLAIMED):
        raise Refused(No.WRONG_STATE)
    if mine.shown_at is not None:
        raise Refused(No.CODE_SEEN)
    if mine.shipment not in (Claim.Shipment.NONE, Claim.Shipment.WAITING):
        raise Refused(No.ON_ITS_WAY)
    end(mine, State.RETURNED, now)
    settle_soon(mine.campaign_id, now)
    return mine


@transaction.atomic
def expire(*, campaign_id: int, now: datetime) -> int:
    """Give back the units of holds that ran out; of all holds, when the campaign was ended.

    Returns how many. While a campaign is paused nothing runs out.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    held = Claim.objects.filter(campaign=campaign, state=State.HELD)
    if campaign.ended_at is None:
        if campaign.paused_at is not None:
            return 0
        held = held.filter(held_until__lte=now)
    gone = list(held.select_for_update(skip_locked=True, of=("self",)).order_by("pk"))
    for one in gone:
        end(one, State.EXPIRED, now)
    return len(gone)


@transaction.atomic
def show_code(*, user_id: int, ref: UUID, now: datetime) -> str:
    """Return the code of a claim, "" where there is none, and keep when it was first seen.

    Raises Refused, and sealing.CannotOpen when its key is gone.
    """
    mine = own(lock(user_id), ref)
    if mine.state not in (State.CLAIMED, State.REDEEMED) or mine.unit is None:
        raise Refused(No.WRONG_STATE)
    code = mine.unit.code()
    if code and mine.shown_at is None:
        mine.shown_at = now
        mine.save(update_fields=["shown_at"])
    return code


@transaction.atomic
def mark_redeemed(*, user_id: int, ref: UUID, now: datetime, redeemed: bool = True) -> Claim:
    """Note that the person used it, or that they did not after all. Raises Refused."""
    mine = own(lock(user_id), ref)
    if not handed_over(mine):
        raise Refused(No.WRONG_STATE)
    mine.state = State.REDEEMED if redeemed else State.CLAIMED
    mine.redeemed_at = (mine.redeemed_at or now) if redeemed else None
    mine.save(update_fields=["state", "redeemed_at"])
    return mine


@transaction.atomic
def report_problem(*, user_id: int, ref: UUID, text: str, now: datetime) -> Claim:
    """Open a case about a claim, or add to the open one. Raises Refused, cases.CaseError."""
    user = lock(user_id)
    mine = own(user, ref)
    if mine.state not in (State.CLAIMED, State.REDEEMED):
        raise Refused(No.WRONG_STATE)
    if mine.case is not None and mine.case.closed_at is None:
        cases.reply(case=mine.case, author=user, text=text, now=now)
        return mine
    mine.case = cases.open_case(
        user=user,
        text=text,
        report=_report(mine),
        now=now,
        about={"kind": "perk", "title": mine.campaign.title},
    )
    mine.problem_at = now
    mine.save(update_fields=["case", "problem_at"])
    return mine


def _report(mine: Claim) -> str:
    """Return the facts of a claim for a case: never its code, nor the score."""
    lines = [f"perk: {mine.campaign.slug}", f"claim: {mine.ref}", f"state: {mine.state}"]
    if mine.shipment:
        lines.append(f"shipment: {mine.shipment} {mine.tracking}".rstrip())
    return "\n".join(lines)


def lock(user_id: int) -> User:
    """Return a person with their row locked, so that one act of theirs follows the other."""
    for user in _LOCKED(user_id):
        return user  # type: ignore[no-any-return]
    raise User.DoesNotExist


_LOCKED = Prepared(lambda pk: User.objects.select_for_update(no_key=True).filter(pk=pk), NUMBER)


def find(campaign_id: int) -> Campaign:
    """Return a campaign that people may know of. Raises Refused."""
    for campaign in _PUBLISHED(campaign_id):
        return campaign  # type: ignore[no-any-return]
    raise Refused(No.UNKNOWN)


_PUBLISHED = Prepared(lambda pk: Campaign.objects.filter(pk=pk, published_at__isnull=False), NUMBER)


def own(user: User, ref: UUID) -> Claim:
    """Return a claim of the person, locked. Raises Refused, alike for none and for another's."""
    claims = Claim.objects.select_related("campaign", "case", "unit")
    mine = claims.select_for_update(of=("self",)).filter(user=user, ref=ref).first()
    if mine is None:
        raise Refused(No.NOT_YOURS)
    return mine


def handed_over(one: Claim) -> bool:
    """Tell whether the person has, or may have, what they claimed: no parcel of it lies with us."""
    if one.state == State.CLAIMED:
        return one.shipment not in (Claim.Shipment.WAITING, Claim.Shipment.PACKED)
    return one.state == State.REDEEMED


def running(one: Claim, now: datetime) -> bool:
    """Tell whether a claim is held and its time is not over; a pause stops that time."""
    if one.state != State.HELD or one.held_until is None:
        return False
    return one.held_until > now or one.campaign.paused_at is not None


def refuse_unless_open(campaign: Campaign, now: datetime) -> None:
    """Raise Refused unless the campaign is live."""
    refuse_if_stopped(campaign)
    if campaign.closes_at <= now:
        raise Refused(No.ENDED)
    if now < campaign.opens_at:
        raise Refused(No.TOO_EARLY, at=campaign.opens_at)


def refuse_if_stopped(campaign: Campaign) -> None:
    """Raise Refused when an operator ended or paused it; what is held outlives the closing time."""
    if campaign.ended_at is not None:
        raise Refused(No.ENDED)
    if campaign.paused_at is not None:
        raise Refused(No.PAUSED)


def judge(
    user: User, campaign: Campaign, now: datetime, *, leave_out: int | None = None
) -> tuple[Facts, tuple[Reason, ...]]:
    """Return what is known of a person and how it fits the rules. Raises Refused where it does not.

    leave_out: the campaign whose own claims do not count as claimed before.
    """
    rules, brand = campaign.fits, campaign.brand
    some = people.facts_of([user.pk], brand=brand, now=now, leave_out=leave_out, rules=rules)
    found = reasons(rules, some[user.pk])
    if not all(reason.fits for reason in found):
        raise Refused(No.NOT_FOR_YOU, reasons=found)
    return some[user.pk], found


def is_gone(campaign: Campaign) -> bool:
    """Tell whether nothing is left for who comes now: what comes back goes to those who wait."""
    return not left(campaign.pk).exists()


def left(campaign: Any) -> QuerySet[Unit]:
    """Return the units of a campaign, by its id, that whoever comes now may take."""
    waiting = WaitingPlace.objects.filter(campaign=campaign, state=WaitingPlace.State.WAITING)
    return Unit.objects.filter(~Exists(waiting), campaign=campaign, state=Unit.State.FREE)


def take_unit(campaign: Campaign) -> Unit | None:
    """Return a free unit, locked, or None when all are taken.

    Units that others are taking now are passed by; where no other is left they are waited for,
    since whoever takes them may fail: "gone" is said of what is gone.
    """
    free = Unit.objects.filter(campaign=campaign, state=Unit.State.FREE).order_by("number")
    while (unit := free.select_for_update(skip_locked=True).first()) is None:
        if (taken := free.first()) is None:
            return None
        # One row, let go at once: who keeps one while waiting for the next deadlocks with others.
        with transaction.atomic():
            Unit.objects.select_for_update().filter(pk=taken.pk).first()
            transaction.set_rollback(True)
    return unit


def keep(
    user: User,
    campaign: Campaign,
    unit: Unit,
    facts: Facts,
    found: tuple[Reason, ...],
    *,
    key: str,
    now: datetime,
    until: datetime,
    offered: bool = False,
) -> Claim:
    """Hold a locked, free unit for a person until a time. Raises Refused when it is one too many.

    An account elsewhere uses up as many as a person does, whoever linked it since.
    """
    digests = sorted(people.accounts_of(user.pk))
    new = Claim.objects.create(
        user=user,
        campaign=campaign,
        unit=unit,
        key=key,
        slot=_free_slot(user, campaign, digests),
        state=State.HELD,
        snapshot_id=facts.snapshot_id,
        facts=packed(found),
        offered=offered,
        held_at=now,
        held_until=until,
    )
    try:
        with transaction.atomic():
            ClaimAccount.objects.bulk_create(
                ClaimAccount(campaign=campaign, claim=new, digest=digest, slot=new.slot)
                for digest in digests
            )
    except IntegrityError as error:  # somebody claims with the same account at this moment
        raise Refused(No.ACCOUNT_USED) from error
    Unit.objects.filter(pk=unit.pk).update(state=Unit.State.HELD)
    return new


def _free_slot(user: User, campaign: Campaign, digests: list[str]) -> int:
    """Return a number from 1 to the limit that neither person nor accounts use. Raises Refused."""
    used = ClaimAccount.objects.filter(campaign=campaign, digest__in=digests)
    mine = Claim.objects.filter(user=user, campaign=campaign, state__in=OPEN)
    slots = {*used.values_list("slot", flat=True), *mine.values_list("slot", flat=True)}
    free = set(range(1, campaign.per_person + 1)) - slots
    if not free:
        raise Refused(No.ACCOUNT_USED)
    return min(free)


def end(one: Claim, state: Claim.State, now: datetime) -> None:
    """End a locked claim: its unit is free again, and so are the accounts; its address goes."""
    unit_id = one.unit_id
    assert unit_id is not None, "perk_claim_has_unit"
    one.state, one.ended_at, one.unit = state, now, None
    one.held_until, one.sealed_address, one.shipment = None, "", Claim.Shipment.NONE
    one.save()
    one.accounts.all().delete()
    one.answers.all().delete()
    Unit.objects.filter(pk=unit_id).update(state=Unit.State.FREE)


def settle_soon(campaign_id: int, now: datetime) -> None:
    """Have the campaign's holds, draw and waiting list seen to. Call it last in a transaction."""
    jobs.enqueue(kind=Job.Kind.PERKS, subject=str(campaign_id), now=now)


def last_at(campaign: Campaign) -> datetime | None:
    """Return when the last unit went."""
    return next((at for (at,) in _LAST(campaign.pk)), None)


def _last(campaign: Any) -> Any:
    held = Claim.objects.filter(campaign=campaign, state__in=OPEN).order_by()
    return held.values("campaign").annotate(last=Max("held_at")).values_list("last")


_LAST = Prepared(_last, NUMBER)


def packed(found: tuple[Reason, ...]) -> dict[str, Any]:
    """Return reasons as a claim keeps them: rule by rule what was needed and what there was."""
    return {one.kind.value: {"needed": one.needed, "you": one.you} for one in found}

"""What operators do with a campaign; each act is written down with who did it (CampaignAct).

    create(draft, actor_id, now)            a draft that nobody sees
    edit(campaign_id, draft, actor_id, now) also of a live one: whoever claims is judged anew
    publish(campaign_id, actor_id, now)     seen from then on, open from opens_at; fixes the seed
    pause, resume, end                      what is held stays held over a pause, and ends with it
    troubles(draft)                         what is wrong with a draft, field by field

perks.stock counts units and takes codes, perks.pictures the picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts import connectors, countries, written
from accounts.figures import whole
from perks import claims, entries, lots, stock
from perks.acts import CampaignError, lock, note, refuse
from perks.eligibility import Rules
from perks.models import Campaign, Claim, Question
from perks.models.campaigns import MOST_A_PERSON
from scoring.engine.topics.taxonomy import taxonomy

SHORTEST_WINDOW = timedelta(hours=72)  # first come: people with jobs see it too
LONGEST_WINDOW = timedelta(days=366)
MOST_QUESTIONS, MOST_CHOICES = 5, 12
_FIXED = ("brand", "mode", "delivery")  # once it is published, or has codes
_LONGEST = {  # characters
    "title": 120,
    "brand": 80,
    "gets": 200,
    "description": 4_000,
    "how_to_use": 2_000,
    "contact": 200,
    "disclosure": 300,
}
_NEEDED = ("title", "brand", "gets")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the brand. `choices` is empty where words are asked for."""

    text: str
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What an operator fills in. Times are aware; `time_zone` is the one they were given in."""

    title: str
    brand: str
    gets: str
    opens_at: datetime
    closes_at: datetime
    description: str = ""
    how_to_use: str = ""
    contact: str = ""
    disclosure: str = ""
    learns: tuple[str, ...] = ()
    mode: str = Campaign.Mode.FIRST
    delivery: str = Campaign.Delivery.CODES
    planned: int = 1
    waiting_list: bool = True
    per_person: int = 1
    rules: Rules = field(default_factory=Rules)
    time_zone: str = "UTC"
    usable_until: datetime | None = None
    questions: tuple[Asked, ...] = ()


def troubles(draft: Draft) -> dict[str, str]:
    """Return what is wrong with a draft: field -> sentence. Empty when it can be published."""
    found = {name: _("This is needed.") for name in _NEEDED if not getattr(draft, name).strip()}
    for name, most in _LONGEST.items():
        if len(getattr(draft, name)) > most:
            found[name] = _("This has room for %(most)s characters.") % {"most": most}
        elif written.hides(getattr(draft, name)):
            found[name] = str(written.REFUSAL)
    found |= _window_troubles(draft)
    if not 1 <= draft.planned <= stock.MOST_UNITS:
        found["planned"] = _("From 1 to %(most)s.") % {"most": whole(stock.MOST_UNITS)}
    if not 1 <= draft.per_person <= MOST_A_PERSON:
        found["per_person"] = _("From 1 to %(most)s.") % {"most": MOST_A_PERSON}
    if draft.mode not in Campaign.Mode.values:
        found["mode"] = _("Choose one of the two.")
    if draft.delivery not in Campaign.Delivery.values:
        found["delivery"] = _("Choose one of these.")
    if set(draft.learns) - set(Campaign.Learns.values):
        found["learns"] = _("A brand may get to know what is listed here, and never a score.")
    if len(draft.questions) > MOST_QUESTIONS or any(_is_odd(one) for one in draft.questions):
        found["questions"] = _(
            "Up to %(most)s questions of up to 200 characters, each with up to %(choices)s choices."
        ) % {"most": MOST_QUESTIONS, "choices": MOST_CHOICES}
    elif any(written.hides("".join((one.text, *one.choices))) for one in draft.questions):
        found["questions"] = str(written.REFUSAL)
    return found | _rule_troubles(draft.rules)


def _window_troubles(draft: Draft) -> dict[str, str]:
    window = draft.closes_at - draft.opens_at
    if window <= timedelta():
        return {"closes_at": _("It closes before it opens.")}
    if window > LONGEST_WINDOW:
        return {"closes_at": _("A campaign is open for a year at most.")}
    if draft.mode == Campaign.Mode.FIRST and window < SHORTEST_WINDOW:
        return {
            "closes_at": _(
                "Open for less than 72 hours, only those win who happen to look. Give it more "
                "time, or let lots decide."
            )
        }
    if draft.usable_until is not None and draft.usable_until < draft.closes_at:
        return {"usable_until": _("What is claimed last could not be used any more.")}
    return {}


def _is_odd(one: Asked) -> bool:
    return (
        not 0 < len(one.text.strip()) <= 200
        or len(one.choices) > MOST_CHOICES
        or any(not 0 < len(choice.strip()) <= 200 for choice in one.choices)
    )


def _rule_troubles(rules: Rules) -> dict[str, str]:
    """Return what of the rules nobody can fit, or would tell a brand what we keep to ourselves."""
    found = {}
    if rules.topic:
        topic = taxonomy().get(rules.topic)
        if topic is None:
            found["topic"] = _("There is no such topic. Choose one of those that are listed.")
        elif topic.sensitive:
            found["topic"] = _(
                "Whoever claims would tell the brand about themselves what we keep to ourselves. "
                "Choose another topic."
            )
    if set(rules.countries) - countries.COUNTRIES.keys():
        found["countries"] = _("One of these is no country we know.")
    if set(rules.networks) - set(connectors.names()):
        found["networks"] = _("One of these is no network of this site.")
    return found


@transaction.atomic
def create(*, draft: Draft, actor_id: int | None, now: datetime) -> Campaign:
    """Keep a new campaign that nobody sees yet. Raises CampaignError."""
    _refuse_any(troubles(draft))
    campaign = Campaign(made_by_id=actor_id, made_at=now, slug=_free_slug(draft))
    _fill(campaign, draft, now)
    campaign.save(force_insert=True)
    _ask(campaign, draft.questions)
    note(campaign, actor_id, "create", now)
    return campaign


@transaction.atomic
def edit(*, campaign_id: int, draft: Draft, actor_id: int | None, now: datetime) -> Campaign:
    """Change a campaign. Whoever claims from then on is judged by what it says now.

    What was promised stays: once it is published neither its kind nor its brand change, and its
    questions only while nobody claimed. Raises CampaignError.
    """
    campaign = lock(campaign_id)
    found = troubles(draft)
    before = {name: getattr(campaign, name) for name in _fields(draft)}
    set_already = campaign.published_at is not None or campaign.units.exists()
    for name in _FIXED:
        if set_already and getattr(campaign, name) != getattr(draft, name):
            found[name] = _("This stays as it is, now that there are units of it.")
    if campaign.ended_at is not None or campaign.drawn_at is not None:
        found[""] = _("This campaign has ended, and stays as it was.")
    if campaign.published_at is not None and draft.opens_at != campaign.opens_at <= now:
        found["opens_at"] = _("It is open already.")
    asked = _asked(campaign)
    if asked != draft.questions and Claim.objects.filter(campaign=campaign).exists():
        found["questions"] = _("People claimed it already; its questions stay as they are.")
    _refuse_any(found)
    _fill(campaign, draft, now)
    campaign.save()
    if asked != draft.questions:
        campaign.questions.all().delete()
        _ask(campaign, draft.questions)
    changed = [name for name, value in before.items() if getattr(campaign, name) != value]
    note(campaign, actor_id, "edit", now, changed=changed)
    return campaign


@transaction.atomic
def publish(*, campaign_id: int, actor_id: int | None, now: datetime) -> Campaign:
    """Let people see a campaign. Doing it again changes nothing. Raises CampaignError.

    Units that need no codes of the brand are made now; a draw's seed is fixed and committed to.
    """
    campaign = lock(campaign_id)
    if campaign.published_at is not None:
        return campaign
    if campaign.closes_at <= now:
        refuse(_("This is over already. Give it a window that is to come."), "closes_at")
    if campaign.delivery != Campaign.Delivery.CODES:
        stock.fill(campaign)
    there = campaign.units.count()
    if there < campaign.planned:
        refuse(
            _("%(planned)s are promised, and there are codes for %(there)s.")
            % {"planned": campaign.planned, "there": there},
            "planned",
        )
    if campaign.mode == Campaign.Mode.DRAW:
        entries.seal_seed(campaign, lots.new_seed())
    campaign.published_at = campaign.changed_at = now
    campaign.save()
    note(campaign, actor_id, "publish", now, units=there, commitment=campaign.commitment)
    claims.settle_soon(campaign.pk, now)  # which tells whom it fits
    return campaign


@transaction.atomic
def pause(*, campaign_id: int, actor_id: int | None, now: datetime) -> Campaign:
    """Let nobody claim for a while. Holds do not run out meanwhile. Raises CampaignError."""
    campaign = _published(campaign_id)
    if campaign.paused_at is None:
        campaign.paused_at = now
        campaign.save(update_fields=["paused_at"])
        note(campaign, actor_id, "pause", now)
    return campaign


@transaction.atomic
def resume(*, campaign_id: int, actor_id: int | None, now: datetime) -> Campaign:
    """Go on after a pause; who holds a unit has the time of a hold anew. Raises CampaignError."""
    campaign = _published(campaign_id)
    if campaign.paused_at is not None:
        campaign.paused_at = None
        campaign.save(update_fields=["paused_at"])
        held = Claim.objects.filter(campaign=campaign, state=Claim.State.HELD)
        held.filter(held_until__lt=now + claims.HOLD).update(held_until=now + claims.HOLD)
        note(campaign, actor_id, "resume", now)
        claims.settle_soon(campaign.pk, now)
    return campaign


@transaction.atomic
def end(*, campaign_id: int, actor_id: int | None, now: datetime) -> Campaign:
    """End a campaign for good. What is claimed stays; what is only held is free again."""
    campaign = _published(campaign_id)
    campaign.ended_at = now
    campaign.save(update_fields=["ended_at"])
    note(campaign, actor_id, "end", now)
    claims.settle_soon(campaign.pk, now)
    return campaign


def draft_of(campaign: Campaign) -> Draft:
    """Return what a campaign says, to be changed in a form."""
    values = {
        name: getattr(campaign, name) for name in Draft.__dataclass_fields__ if name not in _APART
    }
    return Draft(
        **values,
        learns=tuple(campaign.learns),
        rules=campaign.fits,
        questions=_asked(campaign),
    )


_APART = ("learns", "rules", "questions")


def _published(campaign_id: int) -> Campaign:
    campaign = lock(campaign_id)
    if campaign.published_at is None:
        refuse(_("Nobody sees this campaign yet: publish it first."))
    if campaign.ended_at is not None:
        refuse(_("This campaign has ended."))
    return campaign


def _refuse_any(found: Mapping[str, str]) -> None:
    if found:
        raise CampaignError(found)


def _fields(draft: Draft) -> dict[str, Any]:
    """Return what a draft sets on the row."""
    values = {name: getattr(draft, name) for name in Draft.__dataclass_fields__}
    del values["questions"]
    cleaned = {name: written.lines(values[name]) for name in _LONGEST}
    packed = {"rules": draft.rules.packed(), "learns": sorted(draft.learns)}
    return values | cleaned | packed


def _fill(campaign: Campaign, draft: Draft, now: datetime) -> None:
    for name, value in _fields(draft).items():
        setattr(campaign, name, value)
    campaign.changed_at = now


def _asked(campaign: Campaign) -> tuple[Asked, ...]:
    return tuple(
        Asked(one.text, tuple(one.choices), one.required)
        for one in campaign.questions.order_by("position")
    )


def _ask(campaign: Campaign, questions: tuple[Asked, ...]) -> None:
    Question.objects.bulk_create(
        Question(
            campaign=campaign,
            position=position,
            text=one.text.strip(),
            choices=list(one.choices),
            required=one.required,
        )
        for position, one in enumerate(questions, start=1)
    )


def _free_slug(draft: Draft) -> str:
    """Return an address for a campaign that none has: its title, with a number where taken."""
    name = slugify(draft.title)[:50] or "perk"
    taken = set(Campaign.objects.filter(slug__startswith=name).values_list("slug", flat=True))
    number = 1
    while (slug := name if number == 1 else f"{name}-{number}") in taken | _RESERVED:
        number += 1
    return slug


_RESERVED = {"mine", "claim"}

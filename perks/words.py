"""Reasons of perks.eligibility in words: what a rule needs, what the person has, what is missing.

Every sentence stands alone, in the language that is active.
"""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.countries import COUNTRIES
from accounts.linking import name_of
from perks.eligibility import Kind, Reason, Unclaimed, nearest, within_reach
from scoring.plusk.refusals import called
from scoring.words import decimal, number

COUNTRIES_NAMED = 6


def needed(reason: Reason) -> str:
    """Return what a rule needs: "Score 35 or more"."""
    return _NEEDED[reason.kind](reason)


def you(reason: Reason) -> str:
    """Return what the person has: "50.4", or that it is not known."""
    return _YOU[reason.kind](reason)


def missing(reason: Reason) -> str:
    """Return what is missing and what to do about it, "" where it fits."""
    return "" if reason.fits else _MISSING[reason.kind](reason)


def nearly(found: tuple[Reason, ...]) -> str:
    """Return the nearest thing that is missing: "You are 3.0 points and one topic away."

    "" where all fits.
    """
    away = nearest(found)
    kinds = {reason.kind for reason in away}
    if kinds == {Kind.SCORE_FROM, Kind.TOPIC}:
        score = next(one for one in away if one.kind is Kind.SCORE_FROM)
        if score.missing is not None:
            return _("You are %(points)s points and one topic away.") % {
                "points": decimal(score.missing)
            }
    return missing(away[0]) if away else ""


def unknown(found: tuple[Reason, ...]) -> str:
    """Return what to say first, where nothing is missing but what the person did not say."""
    away = nearest(found)
    return nearly(found) if all(one.unknown for one in away) else ""


def is_near(found: tuple[Reason, ...]) -> bool:
    """Tell whether all that is missing can be come by: such a perk is listed as nearly open."""
    return any(not one.fits for one in found) and all(
        one.fits or within_reach(one) for one in found
    )


def _account(_reason: Reason) -> str:
    return _("An account elsewhere is linked")


def _score_from(reason: Reason) -> str:
    return _("Score %(score)s or more") % {"score": number(reason.needed)}


def _score_to(reason: Reason) -> str:
    return _("Score %(score)s or less") % {"score": number(reason.needed)}


def _topic(reason: Reason) -> str:
    if not reason.needed:
        return _("Known for %(topic)s") % {"topic": called(reason.topic)}
    return _("Known for %(topic)s, among the first %(place)s here") % {
        "topic": called(reason.topic),
        "place": reason.needed,
    }


def _countries(reason: Reason) -> str:
    names = [str(COUNTRIES.get(code, code)) for code in reason.needed]
    if len(names) > COUNTRIES_NAMED:
        return _("Lives in one of %(number)s countries") % {"number": len(names)}
    return _("Lives in one of these: %(countries)s") % {"countries": ", ".join(names)}


def _age_from(reason: Reason) -> str:
    return _("%(years)s years or older") % {"years": reason.needed}


def _age_to(reason: Reason) -> str:
    return _("%(years)s years or younger") % {"years": reason.needed}


def _networks(reason: Reason) -> str:
    return _("Linked: %(networks)s") % {"networks": _names(reason.needed)}


def _new_here(reason: Reason) -> str:
    return ngettext(
        "Here for %(days)s day at most", "Here for %(days)s days at most", reason.needed
    ) % {"days": reason.needed}


def _here_for(reason: Reason) -> str:
    return ngettext(
        "Here for %(days)s day or longer", "Here for %(days)s days or longer", reason.needed
    ) % {"days": reason.needed}


def _not_claimed(reason: Reason) -> str:
    if reason.needed == Unclaimed.BRAND:
        return _("Claimed nothing of this brand before")
    return _("Claimed no perk before")


_NEEDED: dict[Kind, Callable[[Reason], str]] = {
    Kind.ACCOUNT: _account,
    Kind.SCORE_FROM: _score_from,
    Kind.SCORE_TO: _score_to,
    Kind.TOPIC: _topic,
    Kind.COUNTRY: _countries,
    Kind.AGE_FROM: _age_from,
    Kind.AGE_TO: _age_to,
    Kind.NETWORKS: _networks,
    Kind.NEW_HERE: _new_here,
    Kind.HERE_FOR: _here_for,
    Kind.NOT_CLAIMED: _not_claimed,
}


def _your_accounts(reason: Reason) -> str:
    return ngettext("%(number)s account", "%(number)s accounts", reason.you) % {
        "number": reason.you
    }


def _your_score(reason: Reason) -> str:
    return _("No score yet") if reason.you is None else decimal(reason.you)


def _your_place(reason: Reason) -> str:
    if reason.you is None:
        return _("No place there yet") if reason.needed else _("Not yet")
    return _("Place %(place)s") % {"place": reason.you} if reason.needed else _("Yes")


def _your_country(reason: Reason) -> str:
    return str(COUNTRIES.get(reason.you, reason.you)) if reason.you else _("Not said")


def _your_age(reason: Reason) -> str:
    return _("Born in %(year)s") % {"year": reason.you} if reason.you else _("Not said")


def _your_networks(reason: Reason) -> str:
    return _names(reason.you) if reason.you else _("None of them")


def _your_days(reason: Reason) -> str:
    return ngettext("%(days)s day", "%(days)s days", reason.you) % {"days": reason.you}


def _you_claimed(reason: Reason) -> str:
    return _("Claimed before") if reason.you else _("Nothing claimed")


_YOU: dict[Kind, Callable[[Reason], str]] = {
    Kind.ACCOUNT: _your_accounts,
    Kind.SCORE_FROM: _your_score,
    Kind.SCORE_TO: _your_score,
    Kind.TOPIC: _your_place,
    Kind.COUNTRY: _your_country,
    Kind.AGE_FROM: _your_age,
    Kind.AGE_TO: _your_age,
    Kind.NETWORKS: _your_networks,
    Kind.NEW_HERE: _your_days,
    Kind.HERE_FOR: _your_days,
    Kind.NOT_CLAIMED: _you_claimed,
}


def _link_one(_reason: Reason) -> str:
    return _("Link an account first: a perk is one for each account elsewhere.")


def _points_away(reason: Reason) -> str:
    if reason.missing is None:
        return _("There is no score of you yet, and this needs one.")
    return _("You are %(points)s points away.") % {"points": decimal(reason.missing)}


def _points_above(reason: Reason) -> str:
    if reason.missing is None:
        return _("There is no score of you yet, and this needs one.")
    return _("This is for scores below yours: you are %(points)s points above.") % {
        "points": decimal(reason.missing)
    }


def _topic_away(reason: Reason) -> str:
    if not reason.needed or reason.missing is None:
        return _("You are one topic away: %(topic)s.") % {"topic": called(reason.topic)}
    return ngettext(
        "You are %(places)s place away in %(topic)s.",
        "You are %(places)s places away in %(topic)s.",
        int(reason.missing),
    ) % {"places": int(reason.missing), "topic": called(reason.topic)}


def _country_away(reason: Reason) -> str:
    if reason.you is None:
        return _("Say in which country you live to see whether this fits.")
    return _("This is for people in other countries.")


def _age_away(reason: Reason) -> str:
    if reason.you is None:
        return _("Say in which year you were born to see whether this fits.")
    if reason.kind is Kind.AGE_FROM:
        return _(
            "By the year of your birth you may be younger than that: it fits from %(year)s on."
        ) % {"year": reason.you + reason.needed + 1}
    return _("This is for younger people.")


def _networks_away(reason: Reason) -> str:
    names = tuple(name for name in reason.needed if name not in reason.you)
    return ngettext(
        "You are one link away: %(networks)s.",
        "You are %(number)s links away: %(networks)s.",
        len(names),
    ) % {"number": len(names), "networks": _names(names)}


def _new_away(_reason: Reason) -> str:
    return _("This is for people who are new here.")


def _days_away(reason: Reason) -> str:
    days = int(reason.missing or 0)
    return ngettext("You are %(days)s day away.", "You are %(days)s days away.", days) % {
        "days": days
    }


def _claimed_before(reason: Reason) -> str:
    if reason.needed == Unclaimed.BRAND:
        return _("This is for people who claimed nothing of this brand before.")
    return _("This is for people who claimed no perk before.")


_MISSING: dict[Kind, Callable[[Reason], str]] = {
    Kind.ACCOUNT: _link_one,
    Kind.SCORE_FROM: _points_away,
    Kind.SCORE_TO: _points_above,
    Kind.TOPIC: _topic_away,
    Kind.COUNTRY: _country_away,
    Kind.AGE_FROM: _age_away,
    Kind.AGE_TO: _age_away,
    Kind.NETWORKS: _networks_away,
    Kind.NEW_HERE: _new_away,
    Kind.HERE_FOR: _days_away,
    Kind.NOT_CLAIMED: _claimed_before,
}


def _names(networks: tuple[str, ...]) -> str:
    return ", ".join(name_of(network) for network in networks)

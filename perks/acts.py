"""What every act of an operator shares: the row is locked, refusals name fields, acts are kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn

from perks.models import Campaign, CampaignAct

BY_SITE = "by_site"  # in the details of an act: nobody did it, so that nobody left who did


class CampaignError(Exception):
    """An act on a campaign was refused. `troubles`: field, or "", and what is wrong with it."""

    def __init__(self, troubles: Mapping[str, str]) -> None:
        super().__init__(" ".join(troubles.values()))
        self.troubles = dict(troubles)


def refuse(sentence: str, name: str = "") -> NoReturn:
    """Raise CampaignError about a field, or about the campaign as a whole."""
    raise CampaignError({name: sentence})


def lock(campaign_id: int) -> Campaign:
    """Return a campaign with its row locked: acts of operators, and a draw, follow each other.

    Claims do not wait for it; who enters a draw does. A person is locked before, where one is.
    """
    return Campaign.objects.select_for_update(no_key=True).get(pk=campaign_id)


def note(campaign: Campaign, actor_id: int | None, act: str, now: datetime, **details: Any) -> None:
    """Write down what an operator did, or the site by itself."""
    if actor_id is None:
        details[BY_SITE] = True
    CampaignAct.objects.create(
        campaign=campaign,
        slug=campaign.slug,
        actor_id=actor_id,
        act=act,
        details=details,
        at=now,
    )

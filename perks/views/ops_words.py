"""What operators read of a campaign: its window in its own zone, and who did what."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.figures import moment, whole
from perks.acts import BY_SITE
from perks.models import Campaign, CampaignAct


def shown_window(campaign: Campaign, now: datetime) -> str:
    """Return from when until when, in the zone in which it was given."""
    with timezone.override(ZoneInfo(campaign.time_zone)):
        return _("%(opens)s until %(closes)s (%(zone)s)") % {
            "opens": moment(campaign.opens_at, now),
            "closes": moment(campaign.closes_at, now),
            "zone": campaign.time_zone,
        }


def act_said(act: CampaignAct) -> str:
    """Return an act in a sentence with who did it."""
    text = _ACTS.get(act.act, gettext_lazy("%(who)s changed something."))
    if act.actor:
        who = act.actor.called
    else:
        who = _("The site") if act.details.get(BY_SITE) else _("Somebody who left")
    return str(text) % {"who": who, "number": whole(act.details.get("number", 0))}


_ACTS: dict[str, str | Promise] = {
    "create": gettext_lazy("%(who)s made the draft."),
    "edit": gettext_lazy("%(who)s changed what it says."),
    "publish": gettext_lazy("%(who)s published it."),
    "pause": gettext_lazy("%(who)s paused it."),
    "resume": gettext_lazy("%(who)s let it go on."),
    "end": gettext_lazy("%(who)s ended it."),
    "picture": gettext_lazy("%(who)s changed the picture."),
    "codes": gettext_lazy("%(who)s took the codes that we made."),
    "preview": gettext_lazy("%(who)s looked at it as somebody."),
    "export": gettext_lazy("%(who)s took the list of claims."),
    "report": gettext_lazy("%(who)s made an address of the report."),
    "report end": gettext_lazy("%(who)s ended the address of the report."),
    "ship": gettext_lazy("%(who)s moved a parcel on."),
    "stock up": gettext_lazy("%(who)s made the stock larger by %(number)s."),
    "stock down": gettext_lazy("%(who)s made the stock smaller by %(number)s."),
    "upload": gettext_lazy("%(who)s uploaded codes: %(number)s."),
}

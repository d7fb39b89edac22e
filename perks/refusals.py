"""Why something about a perk could not be done: each reason with a sentence on what to do."""

from datetime import datetime
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts import written
from perks import words
from perks.eligibility import Reason


class No(StrEnum):
    """What stands in the way."""

    UNKNOWN = "unknown"
    DRAFT = "draft"
    TOO_EARLY = "too_early"
    PAUSED = "paused"
    ENDED = "ended"
    NOT_FOR_YOU = "not_for_you"
    ACCOUNT_USED = "account_used"
    GONE = "gone"
    BY_LOT = "by_lot"
    NOT_BY_LOT = "not_by_lot"
    NO_LIST = "no_list"
    RAN_OUT = "ran_out"
    NOT_YOURS = "not_yours"
    NO_ADDRESS = "no_address"
    NO_ANSWER = "no_answer"
    UNSEEN = "unseen"
    CODE_SEEN = "code_seen"
    ON_ITS_WAY = "on_its_way"
    WRONG_STATE = "wrong_state"
    YOURS_ALREADY = "yours_already"
    NO_STARS = "no_stars"
    ENDS_SOON = "ends_soon"
    NO_MAIL = "no_mail"
    NO_SUCH_POST = "no_such_post"
    POST_OLDER = "post_older"
    POSTS_ENOUGH = "posts_enough"


class Refused(Exception):
    """An act on a perk was refused and changed nothing. `str(error)` says why and what to do.

    reasons: of NOT_FOR_YOU, every rule with what it needs and what the person has. at: of GONE,
    when the last one went; of TOO_EARLY, when it opens.
    """

    def __init__(
        self, no: No, *, reasons: tuple[Reason, ...] = (), at: datetime | None = None
    ) -> None:
        super().__init__(words.unknown(reasons) or str(_TEXTS[no]))
        self.no = no
        self.reasons = reasons
        self.at = at


def unseen(_said: str) -> Refused:
    """Return the refusal of a text with letters that cannot be seen, for accounts.written."""
    return Refused(No.UNSEEN)


_TEXTS: dict[No, str | Promise] = {
    No.UNKNOWN: gettext_lazy("There is no such perk. Look at those that are listed."),
    No.DRAFT: gettext_lazy("There is no such perk. Look at those that are listed."),
    No.TOO_EARLY: gettext_lazy("This perk is not open yet. Its page says when it opens."),
    No.PAUSED: gettext_lazy(
        "This perk is paused for the moment. Nothing of yours is lost: a place that is held for "
        "you stays held until it goes on."
    ),
    No.ENDED: gettext_lazy("This perk has ended. Look at those that are open."),
    No.NOT_FOR_YOU: gettext_lazy(
        "A rule of this perk does not fit you at the moment. Below stands which, and what is "
        "missing."
    ),
    No.ACCOUNT_USED: gettext_lazy(
        "This perk was claimed with an account elsewhere that you linked here. It is one for each "
        "account, whoever linked it."
    ),
    No.GONE: gettext_lazy("All of them are taken."),
    No.BY_LOT: gettext_lazy("This perk goes by lot: take part in the draw instead."),
    No.NOT_BY_LOT: gettext_lazy("There is no draw for this perk: claim it directly."),
    No.NO_LIST: gettext_lazy("All of them are taken, and this perk has no waiting list."),
    No.RAN_OUT: gettext_lazy(
        "It is held for you no longer, and went to the next. Claim it again if there is one left."
    ),
    No.NOT_YOURS: gettext_lazy("You have no such perk. Yours are listed on your page of perks."),
    No.NO_ADDRESS: gettext_lazy(
        "A parcel needs a name and a postal address, in up to 500 characters of any script."
    ),
    No.NO_ANSWER: gettext_lazy(
        "A question of the brand needs an answer, out of its choices where it has some, in up to "
        "500 characters."
    ),
    No.UNSEEN: written.REFUSAL,
    No.CODE_SEEN: gettext_lazy(
        "You have seen the code, so nobody else can have it any more. If you do not want it, leave "
        "it unused."
    ),
    No.ON_ITS_WAY: gettext_lazy(
        "The parcel is packed already. Tell us with “Problem with it” if it should not come."
    ),
    No.WRONG_STATE: gettext_lazy(
        "That does not go with what has become of this perk. Load the page again to see it."
    ),
    No.NO_STARS: gettext_lazy("Give one to five stars, with up to 1,000 characters of words."),
    No.ENDS_SOON: gettext_lazy("It closes within a day, or has: there is no time to remind you."),
    No.NO_MAIL: gettext_lazy(
        "A reminder comes by mail, and none about perks reaches you: confirm an address in the "
        "settings, or have such mails sent again."
    ),
    No.NO_SUCH_POST: gettext_lazy(
        "That is the address of none of your posts which we read. Copy it from the list of your "
        "posts; a new one is there after the next reading."
    ),
    No.POST_OLDER: gettext_lazy(
        "You wrote that before you claimed this, so it is not counted as about it. Name one that "
        "you wrote since."
    ),
    No.POSTS_ENOUGH: gettext_lazy("You named five posts. Take one back to name another."),
    No.YOURS_ALREADY: gettext_lazy("You have this perk already. It is on your page of perks."),
}

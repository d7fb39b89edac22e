"""The list of claims as a file: of each person only what they were told that the brand learns.

Never a score, and never a code: the brand has its own. Stars and words are not in it either, since
people were told that the brand reads them without their name.
"""

from collections.abc import Iterator

from allauth.account.models import EmailAddress
from django.db.models import OuterRef, Subquery

from accounts.handles import current_of
from accounts.searching import named
from perks.models import Campaign, Claim, Question

_ALWAYS = ("claim", "state", "claimed_on", "used_on", "parcel")
Learns = Campaign.Learns


def columns(campaign: Campaign) -> tuple[str, ...]:
    """Return the names of the columns of `rows`."""
    given = (name for name in (Learns.NAME, Learns.EMAIL, Learns.ADDRESS) if _gives(campaign, name))
    asked = [one.text for one in _questions(campaign)]
    return (*_ALWAYS, *(str(name) for name in given), *asked)


def rows(campaign: Campaign) -> Iterator[tuple[object, ...]]:
    """Yield the claims that were made, in their order, however many in few queries."""
    address = EmailAddress.objects.filter(user=OuterRef("user"), primary=True, verified=True)
    had = Claim.objects.filter(
        campaign=campaign, state__in=(Claim.State.CLAIMED, Claim.State.REDEEMED)
    )
    claims = (
        had.select_related("user")
        .prefetch_related("answers")
        .annotate(mail=Subquery(address.values("email")[:1]), handle=current_of("user"))
        .order_by("claimed_at", "pk")
    )
    questions = _questions(campaign)
    for number, one in enumerate(claims.iterator(chunk_size=500), start=1):
        said = {answer.question_id: answer.text for answer in one.answers.all()}
        yield (
            number,
            one.state,
            one.claimed_at and one.claimed_at.date(),
            one.redeemed_at and one.redeemed_at.date(),
            one.shipment,
            *_given(campaign, one, mail=one.mail or "", handle=one.handle or ""),
            *(said.get(question.pk, "") for question in questions),
        )


def _given(campaign: Campaign, one: Claim, *, mail: str, handle: str) -> Iterator[str]:
    """Yield what the brand gets to know of a person; of who left, nothing."""
    if _gives(campaign, Learns.NAME):
        yield named(one.user, handle) if one.user else ""
    if _gives(campaign, Learns.EMAIL):
        yield mail if one.user else ""
    if _gives(campaign, Learns.ADDRESS):
        yield one.address() if one.user else ""


def _gives(campaign: Campaign, what: str) -> bool:
    return what in campaign.learns


def _questions(campaign: Campaign) -> list[Question]:
    asked = campaign.questions.order_by("position")
    return list(asked) if _gives(campaign, Learns.ANSWERS) else []

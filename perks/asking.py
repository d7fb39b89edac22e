"""What is asked of who claims: where a parcel goes, and what the brand wants to know.

address(campaign, typed)    as it is kept, "" where nothing is sent
answers(campaign, given)    question -> answer, of those that were answered
"""

from collections.abc import Mapping

from accounts import written
from perks.models import Campaign, Question
from perks.refusals import No, Refused, unseen

LONGEST_ADDRESS = LONGEST_ANSWER = 500  # characters


def address(campaign: Campaign, typed: str) -> str:
    """Return where a parcel goes, as it was typed and cleaned. Raises Refused."""
    if campaign.delivery != Campaign.Delivery.PARCEL:
        return ""
    cleaned = _clean(typed)
    if not 0 < len(cleaned) <= LONGEST_ADDRESS:
        raise Refused(No.NO_ADDRESS)
    return cleaned


def answers(campaign: Campaign, given: Mapping[int, str]) -> dict[Question, str]:
    """Return question -> answer of those that were answered. Raises Refused."""
    said = {}
    for question in campaign.questions.order_by("position"):
        text = _clean(given.get(question.pk, ""))
        missing = question.required and not text
        if (
            missing
            or len(text) > LONGEST_ANSWER
            or (text and question.choices and text not in question.choices)
        ):
            raise Refused(No.NO_ANSWER)
        if text:
            said[question] = text
    return said


def _clean(text: str) -> str:
    """Return what a person typed without blanks around its lines. Raises Refused."""
    lines = (line.strip() for line in written.lines(text, unseen).splitlines())
    return "\n".join(line for line in lines if line)

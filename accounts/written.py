"""What people write themselves: none of it may hold letters that cannot be seen.

Such letters turn text around or end its line, so that others read what was never written.
"""

import unicodedata
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
# Several scripts need them; the last is what keyboards for Khmer set between words.
_JOINERS = {"\N{ZERO WIDTH JOINER}", "\N{ZERO WIDTH NON-JOINER}", "\N{ZERO WIDTH SPACE}"}
_BREAKS = {"\n", "\r", "\t"}  # seen by what they do
REFUSAL = gettext_lazy(
    "There is a letter in it that cannot be seen. Type the text instead of pasting it."
)


class UnseenError(ValueError):
    """A text has letters that cannot be seen. `str(error)` says so and what to do."""


Refusing = Callable[[str], Exception]  # makes an error of what is said to the person


def hides(text: str) -> bool:
    """Tell whether a text has a letter that cannot be seen, or no other. Ends of lines are none."""
    known, letters = _JOINERS | _BREAKS, set(text)
    alone = letters & _JOINERS and all(one in _JOINERS or one.isspace() for one in letters)
    return bool(alone) or any(unicodedata.category(one) in _UNSEEN for one in letters - known)


def lines(text: str, error: Refusing = UnseenError) -> str:
    """Return a text of several lines as it is kept. Raises `error` of REFUSAL."""
    text = text.replace("\x00", "").strip()
    if hides(text):
        raise error(str(REFUSAL))
    return text


def line(text: str, error: Refusing = UnseenError) -> str:
    """Return a text of one line as it is kept, each gap a blank. Raises `error` of REFUSAL."""
    return " ".join(lines(text, error).split())


def check(text: str) -> None:
    """Refuse what a field of one line may not hold. Raises ValidationError."""
    if hides(text) or _BREAKS.intersection(text):
        raise ValidationError(REFUSAL)

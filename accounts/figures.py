"""Numbers, days and times as the reader's language writes them, in the zone that is active.

Display values are made here and not by template filters: `floatformat` costs more than everything
else on a page of numbers.
"""

from datetime import date, datetime
from functools import cache

from django.utils import timezone
from django.utils.dates import MONTHS, MONTHS_3, WEEKDAYS
from django.utils.formats import get_format
from django.utils.translation import (
    get_language,
    get_language_bidi,
    gettext,
    ngettext,
    pgettext,
)
from django.utils.translation import gettext as _

from accounts.speech import Speech

MINUS = "\N{MINUS SIGN}"
_LEFT_TO_RIGHT = "\N{LEFT-TO-RIGHT MARK}"
_SMALL = frozenset({"es", "fr", "pt"})  # write months and weekdays with a small letter


def decimal(value: float, places: int = 1) -> str:
    """Return a number with `places` decimals and a real minus sign: "50.4", "−0.8", "1,904.0"."""
    text = f"{abs(value):,.{places}f}"
    sign = _sign(get_language(), MINUS) if value < 0 and _says_something(text) else ""
    return sign + text.translate(_marks(get_language()))


def number(value: float) -> str:
    """Return a number with the decimals that it has: "90", "0.5"."""
    return f"{value:,g}".translate(_marks(get_language()))


def plain(figure: str) -> str:
    """Return a number as programs read it, of one that is printed: of "63,4" it is "63.4".

    For attributes of drawings, which know no language.
    """
    thousands, point = str(get_format("THOUSAND_SEPARATOR")), str(get_format("DECIMAL_SEPARATOR"))
    return figure.replace(thousands, "").replace(point, ".")


def signed(value: float, places: int = 1) -> str:
    """Return a change with its sign: "+1.3", "−0.8", and "0.0" for none."""
    text = decimal(value, places)
    plus = _sign(get_language(), "+") if value > 0 and _says_something(text) else ""
    return plus + text


def direction(value: float, places: int = 1) -> str:
    """Return "up", "down" or "" for a change as it is shown with `places` decimals."""
    text = signed(value, places).removeprefix(_LEFT_TO_RIGHT)
    return {"+": "up", MINUS: "down"}.get(text[0], "")


def whole(value: int) -> str:
    """Return a whole number with its thousands set apart: "1,904"."""
    return f"{value:,}".translate(_marks(get_language()))


def day_month(day: date) -> str:
    """Return "14 November"."""
    language = get_language()
    return _day_month(language) % {
        "day": _day_number(language, day.day),
        "month": _month(language, day.month),
    }


def day_short(day: date) -> str:
    """Return "14 Nov"."""
    language = get_language()
    return _day_month(language) % {
        "day": _day_number(language, day.day),
        "month": _month_short(language, day.month),
    }


def day_year(day: date) -> str:
    """Return "14 November 2026"."""
    return _day_year(get_language()) % {"day": day_month(day), "year": day.year}


def weekday(day: date) -> str:
    """Return "Saturday 14 November"."""
    say = _("%(weekday)s %(day)s")
    return say % {"weekday": weekday_name(day), "day": day_month(day)}


def month_year(day: date) -> str:
    """Return "Nov 2026"."""
    said = pgettext("a month of a year", "%(month)s %(year)s")
    return said % {"month": _month_short(get_language(), day.month), "year": day.year}


def weekday_name(day: date) -> str:
    """Return "Saturday"."""
    return _cased(str(WEEKDAYS[day.weekday()]), get_language())


def clock(at: datetime) -> str:
    """Return "06:05", as it is in the zone of `at`."""
    return f"{at:%H:%M}"


def weekday_clock(at: datetime) -> str:
    """Return "Saturday 06:05", as it is in the zone of `at`."""
    said = pgettext("a time of a weekday", "%(weekday)s %(time)s")
    return said % {"weekday": weekday_name(at), "time": clock(at)}


def day_clock(at: datetime) -> str:
    """Return "14 November, 06:05", as it is in the zone of `at`."""
    said = pgettext("a time of a day", "%(day)s, %(time)s")
    return said % {"day": day_month(at), "time": clock(at)}


def span(first: date, last: date, *, short: bool = False) -> str:
    """Return "14 November", "14 to 17 November" or "30 October to 2 November".

    Years are named when they differ. `short` cuts months to three letters where they do not.
    """
    say = day_short if short else day_month
    if first == last:
        return say(last)
    if first.year != last.year:
        say = day_year
    if (first.year, first.month) == (last.year, last.month):
        return pgettext("days of one month", "%(day)s to %(last)s") % {
            "day": _day_number(get_language(), first.day),
            "last": say(last),
        }
    return _("%(first)s to %(last)s") % {"first": say(first), "last": say(last)}


def moment(at: datetime | None, now: datetime) -> str:
    """Return a time in the current zone: "06:05 today", "04:12 on 18 November"; "" for none."""
    if at is None:
        return ""
    here, today = timezone.localtime(at), timezone.localdate(now)
    day = here.date()
    time = f"{here:%H:%M}"
    match (day - today).days:
        case 0:
            return _("%(time)s today") % {"time": time}
        case -1:
            return _("%(time)s yesterday") % {"time": time}
        case 1:
            return _("%(time)s tomorrow") % {"time": time}
    said = day_month(day) if day.year == today.year else day_year(day)
    return _("%(time)s on %(day)s") % {"time": time, "day": said}


def _sentence(text: str) -> str:
    return gettext(text) if text else ""  # to no text, gettext answers with the catalogue's head


# Says what pure modules hold, in the reader's language.
READER = Speech(sentence=_sentence, counted=ngettext, whole=whole)


def _says_something(figure: str) -> bool:
    """Tell whether a figure is more than zeros as it is shown."""
    return figure.strip("0.,") != ""


# Words that every line of a page says: to look one up in the catalogues costs more than the rest.
@cache
def _marks(_language: str | None) -> dict[int, str]:
    return str.maketrans(
        {",": str(get_format("THOUSAND_SEPARATOR")), ".": str(get_format("DECIMAL_SEPARATOR"))}
    )


@cache
def _sign(_language: str | None, sign: str) -> str:
    """Return a sign, with a mark that keeps it before its number where text runs leftwards."""
    return _LEFT_TO_RIGHT + sign if get_language_bidi() else sign


@cache
def _day_month(_language: str | None) -> str:
    return pgettext("a day of a month", "%(day)s %(month)s")


@cache
def _day_number(_language: str | None, day: int) -> str:
    first = pgettext("the first day of a month", "%(day)s")
    return (first if day == 1 else "%(day)s") % {"day": day}


@cache
def _day_year(_language: str | None) -> str:
    return pgettext("a day of a year", "%(day)s %(year)s")


@cache
def _month(language: str | None, month: int) -> str:
    return _cased(str(MONTHS[month]), language)


@cache
def _month_short(language: str | None, month: int) -> str:
    return _cased(str(MONTHS_3[month]), language)


def _cased(name: str, language: str | None) -> str:
    """Return the name of a month or a day as the language writes it within a sentence."""
    if (language or "")[:2] in _SMALL:
        return name.lower()
    return name[:1].upper() + name[1:]

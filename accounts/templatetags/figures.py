"""Numbers, days and times in templates: what accounts.figures writes, as filters.

Django's own (`date`, `time`, `floatformat`, `intcomma`) know other forms: no template uses them.
"""

from django import template

from accounts import figures

register = template.Library()

register.filter("whole", figures.whole)
register.filter("number", figures.number)
register.filter("day_short", figures.day_short, expects_localtime=True)
register.filter("day_month", figures.day_month, expects_localtime=True)
register.filter("day_year", figures.day_year, expects_localtime=True)
register.filter("clock", figures.clock, expects_localtime=True)
register.filter("day_clock", figures.day_clock, expects_localtime=True)

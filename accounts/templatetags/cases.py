"""Cases in templates."""

from django import template

from accounts.case_subjects import titled

register = template.Library()

register.filter("titled", titled)

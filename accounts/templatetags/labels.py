"""Labels and headlines of pages that are not ours."""

from django import template
from django.utils.text import capfirst
from django.utils.translation import get_language

register = template.Library()


@register.filter
def as_label(text: str) -> str:
    """Return a label or headline as a sentence: allauth's English writes Labels Like This.

    Its other languages write sentences, and German nouns keep their capitals.
    """
    text = text.strip()
    return capfirst(text.lower() if (get_language() or "en").startswith("en") else text)

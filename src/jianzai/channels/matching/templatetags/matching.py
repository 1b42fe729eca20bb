"""Days as the retiree's pages of other offices' records write them."""

from __future__ import annotations

from datetime import date

from django import template

from jianzai.notices.wording import written_date
from jianzai.sentences import language

register = template.Library()


@register.simple_tag
def written(day: date) -> str:
    """A day in words, in the language of the request."""
    return written_date(day, language())

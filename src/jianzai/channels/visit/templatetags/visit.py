"""Days and half days as the pages of home visits write them."""

from __future__ import annotations

from datetime import date

from django import template

from jianzai.notices.wording import written_date
from jianzai.sentences import language, say

from ..queries import weekday

register = template.Library()


@register.simple_tag
def written(day: date) -> str:
    """A day in words, in the language of the request."""
    return written_date(day, language())


@register.simple_tag
def slot_words(slot) -> str:
    """The half day of a slot or an appointment, in the language of the request."""
    return say(f"visit.slot_{slot.half}", day=written(slot.day), weekday=weekday(slot.day))


@register.simple_tag
def part_words(slot) -> str:
    """The same without the date: which day of the week, and which half of it."""
    return say(f"visit.part_{slot.half}", weekday=weekday(slot.day))

"""Choices that a key of the keyboard ticks."""

from __future__ import annotations

from django import template
from django.forms.boundfield import BoundWidget

register = template.Library()

_KEYS = 9


@register.simple_tag
def keyed(choice: BoundWidget, number: int) -> str:
    """The box of a ``choice``; the key of its ``number`` ticks it, from 1 to 9."""
    if number <= _KEYS:
        choice.data["attrs"]["data-key"] = str(number)
    return choice.tag()

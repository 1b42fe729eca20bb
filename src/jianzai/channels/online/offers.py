"""What the retiree's site says of the other ways: each makes itself known as its app gets ready."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from jianzai.registry.models import Beneficiary


@dataclass(frozen=True, slots=True)
class Offer:
    """One way: the codes of its ``title``, of one sentence ``how`` it goes and of the ``link`` to ``view``,
    the page where it begins, and what is ``under_way`` for a person, in a sentence for their own page.
    ``rank``: what concerns more people stands first. ``helpers``: whether somebody who acts for the person
    may begin it for them. ``is_open``: whether the office has it at present; what is closed is not spoken
    of."""

    title: str
    how: str
    link: str
    view: str
    under_way: Callable[[Beneficiary], str | None] = lambda person: None
    rank: int = 1
    helpers: bool = False
    is_open: Callable[[], bool] = lambda: True


_offers: dict[str, Offer] = {}


def make_known(offer: Offer) -> None:
    """Have the site name this way from now on."""
    _offers[offer.view] = offer


def offers() -> list[Offer]:
    """Every way that made itself known and is open, by rank."""
    return sorted((offer for offer in _offers.values() if offer.is_open()), key=lambda offer: offer.rank)


@dataclass(frozen=True, slots=True)
class Matter:
    """What one way has under way for a person, and where they see to it."""

    sentence: str
    url: str


def matters(person: Beneficiary, *, for_helper: bool = False) -> list[Matter]:
    """What is under way for ``person``, over all ways, in the language of the request; for somebody who acts
    for them only what they could have begun."""
    return [
        Matter(sentence, reverse(offer.view))
        for offer in offers()
        if (offer.helpers or not for_helper) and (sentence := offer.under_way(person))
    ]

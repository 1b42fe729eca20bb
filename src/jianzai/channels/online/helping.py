"""People who act for others on this site: whether they may, and where. A way that knows them says so."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse

from jianzai.registry.models import Beneficiary

from .offers import offers

_known: list[tuple[Callable[[int, Beneficiary], bool], str]] = []


def let_help(may_act: Callable[[int, Beneficiary], bool], entry: str) -> None:
    """From now on a helper, by number, acts for whom ``may_act`` says, and signs in at the view ``entry``."""
    _known[:] = [(may_act, entry)]


def may_help(helper: int, person: Beneficiary) -> bool:
    """Whether ``helper`` acts for ``person`` at this moment."""
    return any(may_act(helper, person) for may_act, _ in _known)


def may_open(part: str) -> bool:
    """Whether helpers have anything to do in this part of the site, by the name of its addresses: the camera,
    and what ways offer to them."""
    return part == "online" or any(
        offer.helpers and offer.view.partition(":")[0] == part for offer in offers()
    )


def entry() -> str | None:
    """Where helpers sign in; None where nobody knows any."""
    return next((reverse(view) for _, view in _known), None)

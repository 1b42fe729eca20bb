"""Where the ways to certify hang their own pages into the console, as their apps get ready.

The console knows none of them: a way adds an entry to the navigation and a panel to the page of a person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jianzai.registry.access import Permission, may
from jianzai.registry.models import Beneficiary, Staff


@dataclass(frozen=True, slots=True)
class Page:
    """An entry of the navigation: the code of its ``title``, the name of its ``view``, and who sees it.

    ``waiting`` counts what waits there for a member of staff; the work list shows it.
    """

    title: str
    view: str
    permission: Permission
    waiting: Callable[[Staff], int] | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a person's page: a ``template`` that finds as ``way`` what ``context`` says of the person.

    Where ``context`` has nothing to say (None) and for staff without ``permission`` there is no panel.
    """

    template: str
    context: Callable[[Beneficiary], dict | None]
    permission: Permission


_pages: dict[str, Page] = {}
_panels: dict[str, Panel] = {}


def add_page(page: Page) -> None:
    """Show ``page`` in the navigation from now on."""
    _pages[page.view] = page


def add_panel(panel: Panel) -> None:
    """Show ``panel`` on every person's page from now on."""
    _panels[panel.template] = panel


def pages() -> list[Page]:
    """The entries that ways added, in the order in which they did."""
    return list(_pages.values())


def panels(staff: Staff, person: Beneficiary) -> list[tuple[str, dict]]:
    """Templates with what each finds as ``way``, on the page of ``person`` for this member of staff."""
    return [
        (panel.template, context)
        for panel in _panels.values()
        if may(staff, panel.permission, person.area_id) and (context := panel.context(person)) is not None
    ]

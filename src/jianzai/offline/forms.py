"""The forms that work without a network: each way hangs its own in, as its app gets ready."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from jianzai.audit.services import Actor
from jianzai.registry.models import Staff

from .content import Content
from .models import Arrival


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of an arrival: its state, and the code of the sentence with what fills it in."""

    state: str
    sentence: str
    values: dict | None = None


@dataclass(frozen=True, slots=True)
class OfflineForm:
    """One form: the code of its ``title`` and its ``template``, which ``context`` fills in and which names
    nobody, since every clerk of a device finds it there.

    take: keeps what came in, within the transaction that notes the arrival; what it refuses by raising is
    told the device, which keeps it, and leaves nothing behind here.
    judge: what takes longer, after that transaction. Its way does it later where the process ended before.
    lists: which lists of a day there are to take along, by value and name; entries: one of them, each entry
    with ``key``, ``title``, ``lines``, ``phone``, and ``options`` for selects of the form.
    receipt: the code of what stands below the number, true whatever comes of it.
    """

    name: str
    title: str
    template: str
    context: Callable[[], dict]
    take: Callable[[Arrival, Content, Actor], Taken]
    judge: Callable[[Arrival], None] = lambda arrival: None
    lists: Callable[[Staff, date], list[tuple[str, str]]] | None = None
    entries: Callable[[Staff, date, str, Actor], list[dict]] | None = None
    receipt: str = "offline.receipt_text"

    @property
    def has_lists(self) -> bool:
        """Whether there are lists to take along."""
        return self.lists is not None


_forms: dict[str, OfflineForm] = {}


def add_form(form: OfflineForm) -> None:
    """Have the page without a network show ``form`` from now on."""
    _forms[form.name] = form


def offline_forms() -> list[OfflineForm]:
    """Every form that was added, in the order in which they were."""
    return list(_forms.values())


def form_named(name: str) -> OfflineForm | None:
    """The form of a name."""
    return _forms.get(name)

"""The ways a notice reaches a person: one module each, and a new way is a new file here.

A module has ``KINDS``, the kinds of notice it carries, and ``reaches(person, phone)``, whether it can carry
them to somebody; ``phone`` is a number given for this notice. Its name is the notice's ``transport`` and the
channel of the contact that is logged. How it gets there differs: a letter by the post, a message on the page
when its reader opens it, a text message by the office's gateway.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Protocol

from jianzai.registry.models import Beneficiary

from ..kinds import Kind


class Transport(Protocol):
    KINDS: frozenset[Kind]

    def reaches(self, person: Beneficiary, phone: str = "") -> bool: ...


@cache
def transports() -> Mapping[str, Transport]:
    """Every transport of this folder by its name."""
    return {found.name: import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)}

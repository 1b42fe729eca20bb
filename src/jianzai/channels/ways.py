"""Which ways to certify there are: every folder here that is a Django app. A new way is a new folder."""

from __future__ import annotations

from pathlib import Path

SITE = "online"
"""The way whose pages are the retiree's site itself, at its root; those of others hang under their name."""


def ways(module: str = "apps") -> list[str]:
    """Names of the ways that have ``module``, in alphabetical order; every way has ``apps``.

    ``urls``: pages for the retiree, ``desk_urls``: pages for clerks.
    """
    return sorted(file.parent.name for file in Path(__file__).parent.glob(f"*/{module}.py"))

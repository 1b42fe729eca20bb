"""The verbs of matching, each one transaction: the only writers of this app's tables.

Order of locks: the person's obligations, then the cases, then the signs.
"""

from .cases import close, confirm, confirm_death, object_to, rebut
from .files import (
    ask_for_import,
    carry_out,
    finish_files,
    import_now,
    importable,
    receive,
    receive_records,
)
from .signs import settle, settle_left
from .sources import Terms, save_source
from .upkeep import forget

__all__ = [
    "Terms",
    "ask_for_import",
    "carry_out",
    "close",
    "confirm",
    "confirm_death",
    "finish_files",
    "forget",
    "import_now",
    "importable",
    "object_to",
    "rebut",
    "receive",
    "receive_records",
    "save_source",
    "settle",
    "settle_left",
]

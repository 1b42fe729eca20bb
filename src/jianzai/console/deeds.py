"""The words for acts of the audit record."""

from __future__ import annotations

from jianzai.sentences import sentences

_OURS = "console.did_"


def deeds() -> dict[str, str]:
    """The acts there are words for, each with the code of its sentence.

    They are ``console.did_<part>_<act>``, and ``<way>.did_<act>`` for what a way to certify keeps in a file
    of its own.
    """
    found = {}
    for code in sentences():
        part, _, name = code.partition(".did_")
        if code.startswith(_OURS):
            found[name.replace("_", ".", 1)] = code
        elif name:
            found[f"{part}.{name}"] = code
    return found

"""The rules a new cycle opens with: one of the presets, or an office's own from a file."""

from __future__ import annotations

import tomllib
from pathlib import Path

from django.conf import settings

from jianzai.entitlement import PRESETS, Policy, PolicyError, Problem


def policy_in_force(name: str | None = None) -> Policy:
    """The policy called ``name``, or the one this deployment is set to (``JIANZAI_POLICY``).

    A name is a preset's, or the absolute path of a TOML file whose key ``base`` names the preset it starts
    from and whose other keys are fields of jianzai.entitlement.Policy to set instead. Raises PolicyError
    naming every field that is wrong, also where there is neither such a preset nor such a file.
    """
    name = name or settings.POLICY
    if name in PRESETS:
        return PRESETS[name]
    presets = " | ".join(PRESETS)
    path = Path(name)
    if path.suffix != ".toml" or not path.is_absolute() or not path.is_file():
        raise PolicyError((Problem("JIANZAI_POLICY", "invalid", f"{presets} | /*.toml"),))
    try:
        own = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise PolicyError((Problem(path.name, "invalid", f"TOML ({wrong})"),)) from wrong
    base = own.pop("base", None)
    if base not in PRESETS:
        raise PolicyError((Problem("base", "missing" if base is None else "invalid", presets),))
    return Policy.from_dict({**PRESETS[base].to_dict(), "name": path.stem, **own})

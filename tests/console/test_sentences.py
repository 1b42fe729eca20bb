"""Every sentence the console asks for exists, with the values its page gives; none lies unused."""

import re
from pathlib import Path

from jianzai.audit import services as audit  # noqa: F401  (settings are loaded)
from jianzai.benefits.models import Benefit, Order, Pause, Sweep
from jianzai.certification.models import CaptureSession, ReferenceFace, ReviewCase
from jianzai.console.deeds import deeds
from jianzai.console.models import RosterUpload
from jianzai.console.views.staff import KEYS
from jianzai.entitlement import CycleKind, HoldKind, LightRule, ResumptionRule, Status
from jianzai.faces.types import Action, Decision
from jianzai.notices.kinds import Kind
from jianzai.notices.models import Notice
from jianzai.notices.services import STAFF_CHANNELS
from jianzai.notices.transports import transports
from jianzai.registry.models import Beneficiary, Staff
from jianzai.sentences import sentences

CONSOLE = Path(__file__).parents[2] / "src" / "jianzai" / "console"
KINDS = {
    "status": list(Status),
    "standing": list(Status),
    "benefit": Benefit.State.values,
    "reference": ReferenceFace.State.values,
    "case": ReviewCase.Kind.values,
    "case_state": ReviewCase.State.values,
    "purpose": CaptureSession.Purpose.values,
    "decision": list(Decision),
    "action": list(Action),
    "order": Order.State.values,
    "order_kind": Order.Kind.values,
    "sweep": Sweep.State.values,
    "pause": Pause.State.values,
    "upload": RosterUpload.State.values,
    "role": Staff.Role.values,
    "sex": Beneficiary.Sex.values,
    "identity": Beneficiary.IdentityKind.values,
    "notice": list(Kind),
    "notice_state": Notice.State.values,
    "transport": [*STAFF_CHANNELS, *transports()],
    "hold": list(HoldKind),
    "policy_cycle": list(CycleKind),
    "policy_resumption": list(ResumptionRule),
    "policy_light": list(LightRule),
    "event": [
        "certified", "hold_opened", "hold_closed", "contact_logged", "paused", "pause_undone",
        "death_confirmed", "death_withdrawn",
    ],
    "voice": ["actions", "cadence", "parallax", "continuity", "texture", "shading", "screen", "light"],
    "key": KEYS,
    "done": ["approve", "reject"],
}  # fmt: skip


def _asked() -> str:
    return "\n".join(
        path.read_text(encoding="utf-8") for path in CONSOLE.rglob("*") if path.suffix in (".py", ".html")
    )


def test_every_value_of_every_kind_has_a_word():
    codes = sentences()
    missing = [f"console.{kind}_{value}" for kind, values in KINDS.items() for value in values]
    assert [code for code in missing if code not in codes] == []


def test_every_code_that_is_written_out_exists():
    written = set(re.findall(r"[\"']((?:console|certification)\.[a-z_]+)[\"']", _asked()))
    acts = set(
        re.findall(
            r"[\"'](console\.[a-z_]+)[\"'](?=, Actor| if active)|record\(\s*[\"'](console\.[a-z_]+)", _asked()
        )
    )
    acts = {code for pair in acts for code in pair if code}
    own = {code for code in written if not code.endswith("_")} - acts - {"console.staff_disabled"}
    known = sentences()
    from django.urls import get_resolver

    names = {
        f"console.{name}"
        for name in get_resolver().namespace_dict["console"][1].reverse_dict
        if isinstance(name, str)
    }
    assert sorted(code for code in own if code not in known and code not in names) == []


def test_no_sentence_lies_unused():
    asked = _asked()
    dynamic = {f"console.{kind}_{value}" for kind, values in KINDS.items() for value in values}
    dynamic |= {
        code
        for code in sentences()
        if re.match(r"console\.(act_(title|how|do)|nav|did|account|language|without_face|decide|doer)_", code)
    }
    unused = [
        code
        for code in sentences()
        if code.startswith("console.")
        and code not in dynamic
        and not re.search(
            rf"[\"']{re.escape(code)}[\"']|[\"']{re.escape(code.removeprefix('console.'))}[\"']", asked
        )
    ]
    assert unused == []


def test_every_act_in_the_audit_record_has_words():
    written = "\n".join(path.read_text(encoding="utf-8") for path in CONSOLE.parent.rglob("*.py"))
    acts = set(re.findall(r"record\(\s*[\"']([a-z_]+\.[a-z_]+)[\"']", written))
    assert len(acts) > 30
    assert sorted(acts - set(deeds())) == []

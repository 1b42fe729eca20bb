"""The certificate 认证凭证: a PDF for the person, and what anyone may check of it."""

from __future__ import annotations

import base64
import hmac
import io
from dataclasses import dataclass
from pathlib import Path

import segno
from django.conf import settings
from django.urls import reverse

from jianzai.registry.queries import masked_name
from jianzai.sentences import say
from jianzai.vault import vault

from .models import Certification
from .services.certifying import signed_text
from .typesetting import typeset
from .wording import channel_name

_TEMPLATE = Path(__file__).parent / "certificate.typ"
_TOKEN = 10


@dataclass(frozen=True, slots=True)
class PublicCheck:
    """All that a stranger with the QR code learns."""

    valid: bool
    masked_name: str
    year: int


def check_token(serial: str) -> str:
    """What the QR code carries beside the serial, lest serials be tried out: 10 letters of base 32."""
    return base64.b32encode(vault().lookup(f"certificate:{serial}")).decode()[:_TOKEN]


def check_url(certification: Certification) -> str:
    """The address in the QR code."""
    serial = certification.serial
    return settings.BASE_URL + reverse("online:check", args=[serial, check_token(serial)])


def public_check(serial: str, token: str) -> PublicCheck | None:
    """Whether ``serial`` is a certification of ours, truly signed; None for a wrong token or serial."""
    if not hmac.compare_digest(check_token(serial).encode(), token.encode()):
        return None
    found = Certification.objects.select_related("person", "obligation__cycle").filter(serial=serial).first()
    if found is None:
        return None
    text = signed_text(serial, found.person, found.obligation.cycle.year, found.channel, found.on)
    valid = vault().verify(text, bytes(found.signature))
    return PublicCheck(valid, masked_name(found.person.name), found.obligation.cycle.year)


def pdf(certification: Certification, language: str) -> bytes:
    """The certificate as an A4 PDF with embedded Chinese fonts, in ``language`` (zh or en)."""
    person = certification.person
    qr = io.BytesIO()
    segno.make(check_url(certification), error="m").save(qr, kind="svg", scale=4, border=1)
    words = {
        name: say(f"certification.certificate_{name}", language)
        for name in (
            "title",
            "name",
            "number",
            "year",
            "on",
            "channel",
            "serial",
            "statement",
            "check",
            "office",
        )
    }
    values = {
        "words": words,
        "name": person.name,
        "number": person.personal_number,
        "year": str(certification.obligation.cycle.year),
        "on": certification.on.isoformat(),
        "channel": channel_name(certification.channel, language),
        "serial": certification.serial,
        "url": check_url(certification),
    }
    return typeset(_TEMPLATE, {"qr.svg": qr.getvalue()}, values=values)

"""A text message, handed over by HTTP to the gateway that the office has a contract with.

Off unless ``JIANZAI_SMS_GATEWAY`` names an address; the demo makes messages and sends none. A message is one
POST of JSON (``Message``, docs/operations.md) with the token in the header. A notice keeps its number however
often it is posted, so a gateway that knows the number sends it once.
"""

from __future__ import annotations

import http.client
import json
import logging
import re
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from enum import StrEnum

from django.conf import settings

from jianzai.registry.models import Beneficiary
from jianzai.vault import vault

from ..kinds import TO_FAMILY, Kind
from ..models import PHONE, Notice
from ..wording import filled_in, template_name

KINDS = frozenset(Kind) - TO_FAMILY

_MOBILE = re.compile(r"(?:\+?86)?(1\d{10})")
_TIMEOUT = 10  # seconds
_OF_THE_MESSAGE = {400, 410, 422}
"""Answers that say that this message will never be sent; others may be about the gateway, or its settings."""

_log = logging.getLogger(__name__)


class Outcome(StrEnum):
    ACCEPTED = "accepted"  # the gateway sends it, or did before
    REFUSED = "refused"  # it never will
    LATER = "later"  # not known: to be posted again


@dataclass(frozen=True, slots=True)
class Message:
    """What the gateway gets. ``text`` is ``values`` in the sentence ``template``, for gateways that have
    sentences of their own registered. No name stands in it, and no number but ``to``, whom it goes to.
    """

    id: str
    to: str  # eleven digits
    language: str
    template: str
    values: dict[str, str]
    text: str


def reaches(person: Beneficiary, phone: str = "") -> bool:
    """Whoever has a mobile number, ``phone`` or that of the roster; nobody where there is no gateway."""
    return bool(settings.SMS_GATEWAY or settings.DEMO) and bool(mobile(phone) or mobile(person.phone))


def mobile(written: str) -> str | None:
    """The mainland mobile number in what somebody wrote, as eleven digits."""
    match = _MOBILE.fullmatch(re.sub(r"[\s()（）\-‐-―−]", "", written))
    return match[1] if match else None


def message(notice: Notice) -> Message | None:
    """``notice`` as it is handed over; None where its person has no mobile number any more."""
    person = notice.person
    to = mobile(_own_number(notice)) or mobile(person.phone)
    if to is None:
        return None
    consent = person.consents.order_by("-given").first()
    language = consent.language if consent else "zh"
    text, values = filled_in(notice, "sms", language)
    return Message(f"notice-{notice.pk}", to, language, template_name(notice, "sms"), values, text)


def text(notice: Notice) -> str:
    """The words of ``notice`` in the language of the request."""
    return filled_in(notice, "sms")[0]


def send(message: Message) -> Outcome:
    """Hand ``message`` over. Never raises; what is logged names nobody."""
    request = urllib.request.Request(  # noqa: S310  the settings take no address but https and this machine's
        settings.SMS_GATEWAY,
        data=json.dumps(asdict(message), ensure_ascii=False).encode(),
        headers={
            "Authorization": f"Bearer {settings.SMS_TOKEN}",
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": message.id,
        },
        method="POST",
    )
    try:
        with _opener.open(request, timeout=_TIMEOUT) as answer:
            status = answer.status
    except urllib.error.HTTPError as error:
        with error:
            status = error.code
    except (OSError, ValueError, http.client.HTTPException) as error:  # by type: one may quote the token
        _log.warning("text message %s: the gateway does not answer (%s)", message.id, type(error).__name__)
        return Outcome.LATER
    if 200 <= status < 300 or status == 409:
        return Outcome.ACCEPTED
    _log.warning("text message %s: the gateway answers %s", message.id, status)
    return Outcome.REFUSED if status in _OF_THE_MESSAGE else Outcome.LATER


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token goes to the address it was given for, and to no other."""

    def redirect_request(self, *_: object) -> None:
        return None


# Nor to a proxy that the environment names for other things.
_opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))


def _own_number(notice: Notice) -> str:
    """The number that was given for this notice, where one was."""
    if not notice.phone:
        return ""
    return vault().open(notice.phone, owner=str(notice.person.key), purpose=PHONE).decode()

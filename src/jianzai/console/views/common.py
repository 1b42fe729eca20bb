"""What every page that changes something does: carry out once, or say why not and keep what was typed."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponseRedirect

from jianzai.certification.errors import Refused
from jianzai.entitlement import IllegalEvent
from jianzai.notices.kinds import TO_FAMILY
from jianzai.registry.errors import Refused as RegistryRefused
from jianzai.registry.models import Beneficiary
from jianzai.sentences import say

from ..submission import once

REFUSALS = (Refused, RegistryRefused, IllegalEvent)


def why(refusal: Exception) -> str:
    """The sentence of a refusal: what stands in the way and what to do next."""
    if isinstance(refusal, Refused):
        return refusal.sentence()
    if isinstance(refusal, IllegalEvent):
        return " ".join(say(f"entitlement.{reason}") for reason in refusal.reasons)
    return str(refusal)


def submit(request: HttpRequest, form: Form, act: Callable[[dict], str]) -> HttpResponseRedirect | None:
    """Carry out ``act`` with what the form holds, once, and go where it says.

    None where the form is not filled in rightly or the act is refused; the form then says why.
    """
    if not form.is_valid():
        return None
    try:
        return once(request, lambda: act(form.cleaned_data))
    except REFUSALS as refusal:
        form.add_error(None, why(refusal))
        return None


def press(request: HttpRequest, act: Callable[[], str], back: str) -> HttpResponseRedirect:
    """Carry out what a single button asks for, once; a refusal is told on the page ``back``."""
    try:
        return once(request, act)
    except REFUSALS as refusal:
        messages.error(request, why(refusal))
        return HttpResponseRedirect(back)


def tell(request: HttpRequest, code: str, **values: object) -> None:
    """Say on the next page what was done (sentence ``console.<code>``)."""
    messages.success(request, say(f"console.{code}", **values))


def tell_of_letter(request: HttpRequest, person: Beneficiary) -> None:
    """Say, after a death was recorded, whether a letter to the family waits or cannot be sent."""
    written = person.notices.filter(transport="letter", kind__in=TO_FAMILY, state="queued").exists()
    code = "family_letter_waits" if written else "family_no_address"
    if written or not person.address.strip():
        messages.info(request, say(f"console.{code}"))

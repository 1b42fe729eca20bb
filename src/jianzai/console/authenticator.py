"""The second step of signing in: an authenticator app (TOTP, RFC 6238) and backup codes for a lost phone."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import segno
from django.contrib.auth.models import User
from django.db import transaction
from django_otp import verify_token
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from jianzai.audit.services import Actor, record

BACKUP_CODES = 10


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an authenticator app needs: ``qr`` is an SVG element, ``secret`` the same in groups to type."""

    qr: str
    secret: str


def has_authenticator(user: User) -> bool:
    """Whether an authenticator was set up and confirmed with a code."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def invite(user: User) -> Invitation:
    """The invitation of an authenticator not yet confirmed; the same one until it is."""
    device = _invited(user)
    image = segno.make(device.config_url, error="m")
    secret = base64.b32encode(device.bin_key).decode()
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return Invitation(image.svg_inline(scale=4, border=2, omitsize=True), groups)


@transaction.atomic
def confirm(user: User, code: str, actor: Actor) -> list[str] | None:
    """Take the authenticator into use when ``code`` is its present code; new backup codes, or None.

    An earlier authenticator of this user is replaced.
    """
    device = _invited(user)
    if not device.verify_token(code):
        return None
    TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
    device.confirmed = True
    device.save()
    record("console.authenticator_set_up", actor, username=user.get_username())
    return _new_backup_codes(user)


@transaction.atomic
def renew_backup_codes(user: User, actor: Actor) -> list[str]:
    """New backup codes in place of all earlier ones."""
    record("console.backup_codes_renewed", actor, username=user.get_username())
    return _new_backup_codes(user)


def check(user: User, code: str):
    """The device that accepts ``code`` (of the app, or a backup code, which is then spent), or None."""
    code = "".join(code.split()).lower()
    kinds = (TOTPDevice,) if code.isdigit() and len(code) == 6 else (StaticDevice,)
    for kind in kinds:
        for device in kind.objects.filter(user=user, confirmed=True):
            if verify_token(user, device.persistent_id, code):
                return device
    return None


@transaction.atomic
def reset(user: User, actor: Actor) -> None:
    """Forget a lost authenticator and its backup codes; the next sign-in sets up a new one."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    record("console.authenticator_reset", actor, username=user.get_username())


def _invited(user: User) -> TOTPDevice:
    device = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    return device or TOTPDevice.objects.create(user=user, name="app", confirmed=False)


def _new_backup_codes(user: User) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="backup", confirmed=True)
    codes = [StaticToken.random_token() for _ in range(BACKUP_CODES)]
    StaticToken.objects.bulk_create([StaticToken(device=device, token=code) for code in codes])
    return codes

"""Writing people and staff."""

from __future__ import annotations

from datetime import date

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from jianzai.audit.services import Actor, record
from jianzai.registry import identity, names
from jianzai.registry.errors import Refused
from jianzai.registry.models import Area, Beneficiary, Staff
from jianzai.registry.people import Particulars, identity_number
from jianzai.registry.roster import RosterReport, import_roster
from jianzai.registry.roster_rows import Problem

__all__ = [
    "Problem",
    "Refused",
    "RosterReport",
    "add_person",
    "create_staff",
    "identity_number",
    "import_roster",
    "known_employer",
]


@transaction.atomic
def add_person(
    personal_number: str,
    name: str,
    identity_number: str,
    area: Area | str,
    *,
    monthly_fen: int = 0,
    sex: str | None = None,
    birth_date: date | None = None,
    identity_kind: str = Beneficiary.IdentityKind.RESIDENT,
    phone: str = "",
    address: str = "",
    employer: str = "",
    retired_on: date | None = None,
    actor: Actor = Actor.SYSTEM,
) -> Beneficiary:
    """Add one person. ``sex`` and ``birth_date`` may be left to a resident number, which holds both.

    Raises Refused when the number is wrong, or when the personal number or document is someone's already.
    """
    number = identity.normalised(identity_number)
    if refusing := [
        found for found in identity.check(identity_kind, number, birth_date, sex) if not found.warning
    ]:
        raise Refused(refusing[0].code, **refusing[0].values)
    sex, birth_date = sex or identity.sex_in(number), birth_date or identity.birth_date_in(number)
    if not sex or not birth_date:
        raise Refused("sex_and_birth_date_needed")
    person = Beneficiary()
    Particulars(
        personal_number=personal_number,
        name=names.normalised(name),
        sex=sex,
        birth_date=birth_date,
        identity_kind=identity_kind,
        identity_number=number,
        area_id=area.code if isinstance(area, Area) else area,
        monthly_fen=monthly_fen,
        phone=phone,
        address=address,
        employer=employer,
        retired_on=retired_on,
    ).apply(person)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as error:
        raise Refused("person_exists") from error
    record("registry.person_added", actor, person=person)
    return person


@transaction.atomic
def create_staff(
    username: str,
    password: str,
    name: str,
    role: str,
    area: Area | str,
    actor: Actor = Actor.SYSTEM,
    *,
    employer: str = "",
) -> Staff:
    """Add a member of staff with an account to sign in; ``employer`` for those of a former employer alone.

    Raises Refused when the user name is taken, the role or area unknown, the password too weak, or what
    ``known_employer`` refuses.
    """
    User = get_user_model()
    if role not in Staff.Role.values:
        raise Refused("role_unknown", roles=", ".join(Staff.Role.values))
    place = area if isinstance(area, Area) else Area.objects.filter(code=area).first()
    if place is None:
        raise Refused("area_unknown", area=area)
    employer = known_employer(role, employer, place)
    user = User(username=username, is_active=True)
    try:
        validate_password(password, user)
        user.set_password(password)
        user.full_clean(exclude=["password"])
    except ValidationError as error:
        raise Refused("account_refused", why=" ".join(error.messages)) from error
    user.save()
    staff = Staff.objects.create(user=user, name=name, role=role, area=place, employer=employer)
    record("registry.staff_added", actor, area=place.code, username=username, role=role)
    return staff


def known_employer(role: str, employer: str, area: Area) -> str:
    """``employer`` as the roster writes it, which an account with this role and area belongs to.

    Raises Refused where an employer's account names none, or another account one, and where nobody within
    the area retired from there, which is most likely a slip of the pen.
    """
    employer = employer.strip()
    if (role == Staff.Role.EMPLOYER) != bool(employer):
        raise Refused("employer_role")
    retired = Beneficiary.objects.filter(employer=employer, area__code__startswith=area.prefix)
    if employer and not retired.exists():
        raise Refused("employer_unknown", employer=employer)
    return employer

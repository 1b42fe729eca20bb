"""The finger that the demo keeps is certified by the print that it gives to try."""

import pytest

from jianzai.audit.services import Actor
from jianzai.certification.services import open_cycle
from jianzai.channels.fingerprint.services import verify
from jianzai.demo.accounts import CLERK, PASSWORD
from jianzai.demo.fingers import print_to_try
from jianzai.demo.load import _fingers
from jianzai.demo.people import VISITOR
from jianzai.registry.services import add_person, create_staff
from tests.people import areas


@pytest.mark.django_db
def test_the_print_to_try_is_of_the_finger_kept():
    areas()
    clerk = create_staff(CLERK.username, PASSWORD, CLERK.name, CLERK.role, CLERK.area)
    person = add_person(
        VISITOR.personal_number, VISITOR.name, VISITOR.identity_number, CLERK.area, monthly_fen=321_850
    )
    open_cycle(2026, Actor.SYSTEM, "changsha-2013")
    for _ in range(2):  # a demo that is started again keeps nothing twice
        _fingers()
    check = verify(person, print_to_try(), document="居民身份证", staff=clerk, actor=Actor.staff(clerk))
    assert check.certification.channel == "fingerprint"
    assert person.prints.count() == 1

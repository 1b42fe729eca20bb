"""Every role at every address of the console, inside and outside its area."""

import pytest
from django.urls import URLPattern, reverse

from jianzai.audit.services import Actor
from jianzai.console.urls import urlpatterns
from jianzai.notices.services import print_letter
from jianzai.registry.access import Permission as May
from tests.console import office
from tests.registry.access_matrix import Route, assert_access
from tests.registry.people import area, staff

C = "/console"
OPEN_TO_VISITORS = {"sign-in", "second-factor", "set-up", "backup-codes", "sign-out"}
ROUTES = {
    "home": Route(f"{C}/", May.SEE_ACCOUNT),
    "people": Route(f"{C}/people", May.SEE_PEOPLE, "post", {"text": "王"}),
    "person": Route(f"{C}/people/{{person}}", May.SEE_PEOPLE),
    "reveal": Route(f"{C}/people/{{person}}/identity-number", May.SEE_PEOPLE, "post"),
    "certify": Route(f"{C}/people/{{person}}/certify", May.CERTIFY_IN_PERSON),
    "death": Route(f"{C}/people/{{person}}/death", May.RECORD_DEATH),
    "death-withdraw": Route(f"{C}/people/{{person}}/death/withdraw", May.WITHDRAW_DEATH),
    "withdraw": Route(f"{C}/people/{{person}}/withdraw", May.MODEL_FACES),
    "remind": Route(f"{C}/people/{{person}}/remind", May.SEND_NOTICES, "post"),
    "contact": Route(f"{C}/people/{{person}}/contact", May.SEND_NOTICES, "post", {"channel": "phone"}),
    "letter": Route(f"{C}/people/{{person}}/letters/{{letter}}", May.SEND_NOTICES),
    "letter-print": Route(f"{C}/people/{{person}}/letters/{{letter}}/print", May.SEND_NOTICES, "post"),
    "letter-posted": Route(f"{C}/people/{{person}}/letters/{{letter}}/posted", May.SEND_NOTICES, "post"),
    "model": Route(f"{C}/people/{{person}}/model", May.MODEL_FACES),
    "verify": Route(f"{C}/people/{{person}}/verify", May.CERTIFY_IN_PERSON, "post"),
    "picture": Route(f"{C}/references/{{reference}}/picture", May.SEE_PEOPLE),
    "cases": Route(f"{C}/review", May.REVIEW),
    "case": Route(f"{C}/review/{{case}}", May.REVIEW),
    "cycle": Route(f"{C}/cycle", May.SEE_CYCLE),
    "letters": Route(f"{C}/letters", May.SEND_NOTICES, "post"),
    "run": Route(f"{C}/letters/{{run}}", May.SEND_NOTICES),
    "run-posted": Route(f"{C}/letters/{{run}}/posted", May.SEND_NOTICES, "post"),
    "run-give-up": Route(f"{C}/letters/{{run}}/give-up", May.SEND_NOTICES, "post"),
    "policy": Route(f"{C}/policy", May.SEE_CYCLE),
    "sweeps": Route(f"{C}/sweeps", May.PROPOSE_SWEEP),
    "sweep": Route(f"{C}/sweeps/{{sweep}}", May.PROPOSE_SWEEP),
    "sweep-confirm": Route(f"{C}/sweeps/{{sweep}}/confirm", May.CONFIRM_SWEEP, "post"),
    "sweep-undo": Route(f"{C}/sweeps/{{sweep}}/undo", May.UNDO_SWEEP, "post"),
    "sweep-discard": Route(f"{C}/sweeps/{{sweep}}/discard", May.PROPOSE_SWEEP, "post"),
    "orders": Route(f"{C}/orders", May.SEE_ORDERS),
    "order": Route(f"{C}/orders/{{order}}", May.SEE_ORDERS),
    "roster": Route(f"{C}/roster", May.IMPORT_ROSTER),
    "roster-example": Route(f"{C}/roster/example", May.IMPORT_ROSTER),
    "audit": Route(f"{C}/audit", May.SEE_AUDIT),
    "audit-verify": Route(f"{C}/audit/verify", May.SEE_AUDIT, "post"),
    "figures": Route(f"{C}/figures", May.SEE_AUDIT),
    "staff": Route(f"{C}/staff", May.MANAGE_STAFF),
    "member": Route(f"{C}/staff/{{member}}", May.MANAGE_STAFF),
    "member-active": Route(f"{C}/staff/{{member}}/active", May.MANAGE_STAFF, "post", {"active": "yes"}),
    "member-authenticator": Route(f"{C}/staff/{{member}}/authenticator", May.MANAGE_STAFF, "post"),
    "member-password": Route(f"{C}/staff/{{member}}/password", May.MANAGE_STAFF),
    "account": Route(f"{C}/account", May.SEE_ACCOUNT),
    "password": Route(f"{C}/account/password", May.SEE_ACCOUNT),
    "new-backup-codes": Route(f"{C}/account/backup-codes", May.SEE_ACCOUNT, "post"),
}
TESTED_BELOW = {
    "certificate": May.SEE_PEOPLE,  # is there only after a certification
    "capture": May.MODEL_FACES,  # belongs to the clerk who opened it
    "capture-batch": May.MODEL_FACES,
    "capture-reopen": May.MODEL_FACES,
    "capture-result": May.MODEL_FACES,
    "second-clip": May.MODEL_FACES,
    "cycle-open": May.OPEN_CYCLE,  # only for whose area holds everybody
    "orders-export": May.EXPORT_ORDERS,
    "order-file": May.EXPORT_ORDERS,
    "acknowledge": May.EXPORT_ORDERS,
    "roster-check": May.IMPORT_ROSTER,  # belongs to who uploaded the file
    "roster-problems": May.IMPORT_ROSTER,
}


def _rows(person) -> dict:
    """What stands behind the placeholders, all of this person or of their area."""
    office.cycle()
    made = office.reference(person)
    letter = office.letter(person)
    return {
        "reference": made.pk,
        "case": office.case(person).pk,
        "letter": letter.pk,
        "run": print_letter(letter, Actor.SYSTEM).pk,
        "sweep": office.sweep(person.area).pk,
        "order": office.order(person).sequence,
        "member": staff("clerk", person.area).pk,
    }


@pytest.mark.django_db
def test_every_role_at_every_address(client):
    assert_access(client, ROUTES.values(), _rows)


def test_no_address_is_forgotten_and_each_asks_for_what_the_table_says():
    views = {each.name: each.callback for each in urlpatterns if isinstance(each, URLPattern)}
    asked = {name: getattr(view, "permission", None) for name, view in views.items()}
    table = {name: route.permission for name, route in ROUTES.items()} | TESTED_BELOW
    assert asked == table | dict.fromkeys(OPEN_TO_VISITORS)


@pytest.mark.django_db
def test_what_concerns_everybody_is_for_staff_whose_area_holds_everybody(client):
    home, elsewhere = area("430102000000"), area("430202000000", "荷塘区")
    province = area("430000000000", "湖南省")
    from tests.registry.people import person

    person(home), person(elsewhere)
    office.order_file()
    addresses = [
        ("post", reverse("console:cycle-open")),
        ("post", reverse("console:orders-export")),
        ("get", reverse("console:order-file", args=[1])),
        ("post", reverse("console:acknowledge")),
    ]
    for role, where, expected in (
        ("supervisor", home, {403}),
        ("clerk", province, {403}),
        ("auditor", province, {403}),
        ("supervisor", province, {200, 302, 422}),
    ):
        client.force_login(staff(role, where).user)
        for method, address in addresses:
            assert getattr(client, method)(address).status_code in expected, (role, where, address)


@pytest.mark.django_db
def test_a_capture_belongs_to_the_clerk_who_opened_it_and_to_their_area(client):
    from tests.registry.people import person

    home, elsewhere = area("430102000000"), area("430202000000", "荷塘区")
    clerk, other = staff("clerk", home), staff("clerk", home)
    session = office.attempt(person(home), staff=clerk).session
    pages = [
        ("get", reverse("console:capture-result", args=[session.pk])),
        ("get", reverse("console:capture", args=[session.pk])),
        ("post", reverse("console:capture-batch", args=[session.pk])),
        ("post", reverse("console:capture-reopen", args=[session.pk])),
        ("post", reverse("console:second-clip", args=[session.pk])),
    ]
    for method, page in pages:
        client.force_login(clerk.user)
        assert getattr(client, method)(page).status_code not in (403, 404), page
        client.force_login(other.user)
        assert getattr(client, method)(page).status_code == 404, page
    clerk.area = elsewhere
    clerk.save()
    client.force_login(clerk.user)
    assert all(getattr(client, method)(page).status_code == 404 for method, page in pages)


@pytest.mark.django_db
def test_a_certificate_is_printed_only_in_its_area(client):
    from jianzai.audit.services import Actor
    from jianzai.certification.queries import current_obligation
    from jianzai.certification.services import certify
    from tests.registry.people import person

    someone = person(area("430102000000"))
    office.cycle()
    page = reverse("console:certificate", args=[someone.key])
    client.force_login(staff("auditor", area("430202000000", "荷塘区")).user)
    assert client.get(page).status_code == 404
    client.force_login(staff("auditor", area("430102000000")).user)
    assert client.get(page).status_code == 404
    certify(current_obligation(someone), "in_person", Actor.SYSTEM, evidence={}, in_person=True)
    answer = client.get(page)
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")


@pytest.mark.django_db
def test_outside_the_demo_supervisors_and_administrators_go_to_the_second_step(client, settings):
    settings.DEMO = False
    for role, expected in (("clerk", 200), ("auditor", 200), ("supervisor", 302), ("administrator", 302)):
        client.force_login(staff(role).user)
        answer = client.get(reverse("console:cycle"))
        assert answer.status_code == expected, role
        if expected == 302:
            assert answer["Location"] == reverse("console:second-factor")

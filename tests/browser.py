"""A real Chromium against a real server and database, for every test that looks at pages.

    from tests.browser import browse, chromium, cameras  # noqa: F401  (pytest finds fixtures by name)

``browse(...)`` opens a page on ``live_server``; it fails the test when the page breaks a content policy or a
script throws. ``assert_accessible`` runs axe and the measures for old eyes and hands; ``keep_picture``
leaves a screenshot under ``$JIANZAI_SCREENSHOTS`` where that is set.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import pytest
from av.video.reformatter import ColorRange
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

# Playwright's loop runs in this thread; Django takes any loop for asynchronous code, which there is none of.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

SIZES = {
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "narrow": {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True},
    "desktop": {"viewport": {"width": 1280, "height": 900}},
}
LANGUAGES = {"zh": "zh-hans", "en": "en"}
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
]
_CAMERA_RATE = 30  # frames a second at which Chromium plays an MJPEG file, whatever it says
_CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@cache
def _driver() -> Playwright:
    """One for the process, which ends with it: a second one beside it would not start."""
    return sync_playwright().start()


@pytest.fixture(scope="session")
def playwright_driver() -> Playwright:
    return _driver()


@pytest.fixture(scope="session")
def chromium(playwright_driver) -> Iterator[Browser]:
    """One browser without a camera for the whole run."""
    browser = launch(playwright_driver)
    yield browser
    browser.close()


@pytest.fixture
def cameras(playwright_driver) -> Iterator:
    """``cameras(path)`` starts a browser whose camera plays the MJPEG file at ``path``, over and over."""
    started = []

    def start(path: Path) -> Browser:
        started.append(launch(playwright_driver, path))
        return started[-1]

    yield start
    for browser in started:
        browser.close()


@pytest.fixture
def browse(chromium, live_server) -> Iterator:
    """``browse(size, language, browser=...)`` gives a fresh page whose address is relative to the server."""
    contexts = []
    problems: list[str] = []

    def open_page(
        size: str = "desktop", language: str = "zh", browser: Browser | None = None, **options
    ) -> Page:
        context = (browser or chromium).new_context(base_url=live_server.url, **SIZES[size], **options)
        contexts.append(context)
        context.add_cookies(
            [{"name": "django_language", "value": LANGUAGES[language], "url": live_server.url}]
        )
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda message: (
                problems.append(message.text) if "Content Security Policy" in message.text else None
            ),
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not problems, problems


def launch(driver: Playwright, camera: Path | None = None) -> Browser:
    """Debian's Chromium, headless; with ``camera`` (MJPEG) in place of a camera."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("the browser tests need Chromium: run `make browser`")
    arguments = (
        [*_ARGUMENTS, *_CAMERA, f"--use-file-for-fake-video-capture={camera}"] if camera else _ARGUMENTS
    )
    return driver.chromium.launch(executable_path=path, args=arguments)


def film(path: Path, clip: Path, stretches: list[tuple[float, float]]) -> Path:
    """Write ``stretches`` (seconds) of ``clip`` one after the other as MJPEG for a fake camera."""
    with av.open(str(clip)) as source, av.open(str(path), "w", format="mjpeg") as target:
        video = source.streams.video[0]
        stream = target.add_stream("mjpeg", rate=_CAMERA_RATE)
        stream.width, stream.height, stream.pix_fmt = video.width, video.height, "yuvj420p"
        stream.options = {"qscale": "3"}
        written = 0
        for start, end in stretches:
            shown = start
            source.seek(int(start * av.time_base))
            for frame in source.decode(video):
                while shown <= frame.time < end:
                    picture = frame.reformat(format="yuvj420p", dst_color_range="JPEG")
                    picture.pts, picture.time_base = written, Fraction(1, _CAMERA_RATE)
                    picture.color_range = ColorRange.JPEG
                    target.mux(stream.encode(picture))
                    written += 1
                    shown += 1 / _CAMERA_RATE
                if frame.time >= end:
                    break
        target.mux(stream.encode())
    return path


def assert_accessible(page: Page) -> None:
    """axe finds nothing; nothing scrolls sideways; type is 18 pt and targets are 60 px at least."""
    found = Axe().run(page).response["violations"]
    told = [
        f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]
    ]
    assert not told, "\n".join([page.url, *told])
    assert page.evaluate(_NARROW_TYPE) == [], page.url
    assert page.evaluate(_SMALL_TARGETS) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, page.url


def keep_picture(page: Page, name: str) -> None:
    """A screenshot of the whole page, where ``JIANZAI_SCREENSHOTS`` names a folder."""
    if folder := os.environ.get("JIANZAI_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


_NARROW_TYPE = """() => {
  const small = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.offsetParent) continue;
    if (["SCRIPT", "NOSCRIPT"].includes(element.tagName) || element.closest(".unseen")) continue;
    if (parseFloat(getComputedStyle(element).fontSize) < 23.9) small.push(walker.currentNode.data.trim());
  }
  return small;
}"""
_SMALL_TARGETS = """() => [...document.querySelectorAll("a[href], button, input, select, summary")]
  .filter((element) => element.offsetParent && element.type !== "hidden" && !element.matches(".skip"))
  .filter((element) => element.getBoundingClientRect().height < 59.9)
  .map((element) => element.outerHTML.slice(0, 120))"""

"""How many whole certifications a core serves, through HTTP and database, and how long a batch takes.

For each pack: a site of its own with an embedded database and `jianzai serve` with one worker, both held to
one core where the system allows it, and visitors on the others. Invented people are modelled from one sample
recording of a man; then each signs in, reads and gives consent, opens a capture and sits before a camera that
shows another recording of him, does what is asked a moment after it is asked, reads the result and fetches
the certificate. Visitors do what capture.js does: a picture every 0.11 s, half as many while the server is
behind, none while 16 wait, eight to a batch, one post at a time. Captures run in real time, since the
server's clock judges them: first one visitor alone, then so many at once that the core has no rest.

What counts is CPU seconds, of the site and of PostgreSQL, by session; sessions per second and core is one
over their sum. A busy machine lengthens these too (caches and cores are shared), though less than the clock.
Beside them stands what decoding and observing as many pictures takes the face engine alone, in this process,
right before: the rest of the site's seconds is pages, database and the parallax of the turn.

    python benchmarks/sessions.py [--pack NAME] [--alone N] [--sessions N] [--at-once N]

Needs the sample clips (`jianzai models fetch`). One challenge is drawn for everybody, by the same random
source that the browser tests choose it with; it takes the mouth and a turn of the head.
"""

from __future__ import annotations

import argparse
import atexit
import http.client
import json
import math
import os
import queue
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from itertools import islice
from pathlib import Path
from random import Random
from urllib.parse import urlencode, urljoin

import cv2
import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from jianzai.faces import (
    FaceEngine,
    Frame,
    Limits,
    Observations,
    available_packs,
    decode_jpeg,
    read_video,
)
from jianzai.faces.liveness import draw
from jianzai.faces.models import path_of
from jianzai.faces.types import Action

GOAL = 1.2  # sessions per second and core
OVERFULL = 1.2  # visitors under full load, of those that keep the core at work without anybody waiting
FEWEST_TO_NORMALISE = 300  # from so many references on a cohort is drawn; here all are of one man

# As in capture.js and capture/link.js.
INTERVAL, BATCH, ROOM, JPEG_QUALITY = 0.11, 8, 16, 80
REACTION = 0.8  # seconds from the answer that asks until the man begins
# Which seconds of the recording show what.
REST = (3.0, 15.2)
ANSWERS = {Action.OPEN_MOUTH: (15.2, 17.2), Action.TURN_LEFT: (19.6, 21.15)}
PICTURE = (640, 480)
LOOKED_AT = 10 * BATCH  # about a session's pictures


class Film:
    """A recording of a man as a browser encodes it: at rest for a minute, and doing each thing once.

    The rest goes to and fro, with a camera's noise: what comes back unchanged is taken for a loop.
    """

    def __init__(self):
        noise = np.random.default_rng(1)
        frames = read_video(path_of("cap13_edit2.mp4"), Limits(frames_a_second=25.0, frames=1000))
        self._rate = (len(frames) - 1) / frames[-1].time

        def encoded(start: float, end: float) -> list[bytes]:
            images = [cv2.resize(one.image, PICTURE) for one in frames if start <= one.time < end]
            noisy = [cv2.add(one, noise.integers(0, 3, one.shape, np.uint8)) for one in images]
            options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
            return [cv2.imencode(".jpg", one, options)[1].tobytes() for one in noisy]

        self.rest = [picture for _ in range(3) for picture in (*encoded(*REST), *encoded(*REST)[::-1])]
        self.answers = {action: encoded(*span) for action, span in ANSWERS.items()}

    def at(self, pictures: list[bytes], second: float) -> bytes | None:
        """The picture of a stretch at ``second`` of it; None beyond its end."""
        number = int(second * self._rate)
        return pictures[number] if number < len(pictures) else None


class Sitter:
    """The man of a film before a camera. After each answer he rests on where he left off."""

    def __init__(self, film: Film):
        self.film = film
        self._began, self._answer, self._away = 0.0, None, 0.0

    def asked(self, action: Action, now: float) -> None:
        """He reads what to do, and begins a moment later."""
        self._began, self._answer = now + REACTION, self.film.answers[action]

    def picture(self, now: float) -> bytes:
        """What the camera takes ``now`` (seconds since it opened)."""
        if self._answer and now >= self._began:
            if picture := self.film.at(self._answer, now - self._began):
                return picture
            self._away += now - self._began
            self._answer = None
        return self.film.at(self.film.rest, now - self._away) or self.film.rest[-1]


@dataclass
class Tally:
    """What visitors saw."""

    outcomes: list[dict] = field(default_factory=list)
    batches: list[float] = field(default_factory=list)  # seconds from post to answer
    pictures: int = 0
    seconds: float = 0.0  # before the camera


class Visitor:
    """A browser with a cookie jar, one connection, and a cache of what pages are made of."""

    def __init__(self, port: int):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._cookies: dict[str, str] = {}
        self._cached: set[str] = set()
        self._token = ""

    def certify(self, name: str, number: str, sitter: Sitter, tally: Tally) -> None:
        """The whole road of one person, from the front page to the certificate."""
        self.get("/")
        self.get("/sign-in")
        self.submit("/sign-in", name=name, number=number)
        self.get("/consent")
        self.submit("/consent")
        page = self.submit("/capture")
        outcome = self.converse(
            re.search(r'data-batch-url="/capture/([^/"]+)/batch"', page)[1], sitter, tally
        )
        tally.outcomes.append(outcome)
        result = self.get(f"/capture/{outcome['capture']}/result")
        if certificate := re.search(r'href="(/me/certificate/[^"]+)"', result):
            self.get(certificate[1])
        self.submit("/sign-out")
        self._connection.close()

    def converse(self, capture: str, sitter: Sitter, tally: Tally) -> dict:
        """What capture.js does. Pictures that fall due while a post is under way are taken from the film
        afterwards, as of the moment they were due: the camera does not wait for the server."""
        sequence = json.loads(self._post(f"/capture/{capture}/reopen", {}))["sequence"] + 1
        waiting: list[tuple[bytes, float]] = []
        shown, began = None, time.monotonic()
        due = began
        while True:
            while due <= (now := time.monotonic()):
                if len(waiting) < ROOM:
                    waiting.append((sitter.picture(due - began), due - began))
                due += 2 * INTERVAL if len(waiting) >= BATCH else INTERVAL
            if len(waiting) < BATCH:
                time.sleep(due - now)
                continue
            batch, waiting = waiting[:BATCH], waiting[BATCH:]
            times = json.dumps([round(taken, 3) for _, taken in batch])
            pictures = [picture for picture, _ in batch]
            posted = time.monotonic()
            answer = json.loads(
                self._post(f"/capture/{capture}/batch", {"sequence": sequence, "times": times}, pictures)
            )
            tally.batches.append(time.monotonic() - posted)
            tally.pictures += BATCH
            sequence += 1
            if answer["state"] != "open":
                tally.seconds += time.monotonic() - began
                return answer["outcome"] | {"capture": capture}
            prompt = answer["prompt"] and (answer["prompt"]["number"], answer["prompt"]["action"])
            if prompt and prompt != shown:
                sitter.asked(Action(prompt[1]), time.monotonic() - began)
            shown = prompt

    def get(self, path: str) -> str:
        """A page with everything it is made of that was not fetched before, redirects followed."""
        return self._page(path, *self._send("GET", path))

    def submit(self, path: str, **fields: str) -> str:
        """The page that comes of a form."""
        form = urlencode({"csrfmiddlewaretoken": self._token, **fields}).encode()
        return self._page(
            path, *self._send("POST", path, form, {"Content-Type": "application/x-www-form-urlencoded"})
        )

    def _page(self, path: str, response: http.client.HTTPResponse, body: bytes) -> str:
        if response.status == 302:
            return self.get(response.headers["Location"])
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status} {body[:300]!r}")
        if not response.headers["Content-Type"].startswith("text/html"):
            return ""
        page = body.decode()
        if token := re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page):
            self._token = token[1]
        for part in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
            self._fetch(part)
        return page

    def _fetch(self, path: str) -> None:
        if path in self._cached:
            return
        self._cached.add(path)
        response, body = self._send("GET", path)
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status}")
        if path.endswith(".js"):
            for module in re.findall(r'from "(\.[^"]+)"', body.decode()):
                self._fetch(urljoin(path, module))

    def _post(self, path: str, fields: dict[str, object], files: Sequence[bytes] = ()) -> bytes:
        boundary = "----jianzai-benchmark-boundary"
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        for number, content in enumerate(files):
            head = f'form-data; name="frames"; filename="{number}.jpg"\r\nContent-Type: image/jpeg'
            parts += [f"--{boundary}\r\nContent-Disposition: {head}\r\n\r\n".encode(), content, b"\r\n"]
        parts.append(f"--{boundary}--\r\n".encode())
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "X-CSRFToken": self._token}
        response, body = self._send("POST", path, b"".join(parts), headers)
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status} {body[:300]!r}")
        return body

    def _send(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None):
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        self._connection.request(method, path, body, {"Cookie": cookies, **(headers or {})})
        response = self._connection.getresponse()
        content = response.read()
        for line in response.headers.get_all("Set-Cookie", []):
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return response, content


@dataclass(frozen=True)
class Served:
    """A running site and whose CPU seconds count."""

    port: int
    site: psutil.Process
    database: psutil.Process

    def spent(self) -> tuple[float, float]:
        """CPU seconds so far: the site's and PostgreSQL's, with all their processes."""
        return _spent(self.site), _spent(self.database)


def _spent(process: psutil.Process) -> float:
    ended = process.cpu_times()
    seconds = ended.children_user + ended.children_system
    for one in (process, *process.children(recursive=True)):
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:  # it ended meanwhile, and its parent counts it from now on
            continue
        seconds += times.user + times.system
    return seconds


@dataclass(frozen=True)
class Load:
    """One row of the table."""

    pack: str
    at_once: int
    tally: Tally
    site: float  # CPU seconds
    database: float
    engine: float  # CPU seconds of one session's pictures without a site around
    busy: float | None  # share of the core that both had while everybody was there

    @property
    def cpu(self) -> float:
        """CPU seconds a session."""
        return (self.site + self.database) / len(self.tally.outcomes)

    @property
    def filling(self) -> int:
        """So many visitors at once keep the core at work, and a few wait."""
        return math.ceil(OVERFULL * self.tally.seconds / len(self.tally.outcomes) / self.cpu)

    def cells(self) -> list[str]:
        sessions = len(self.tally.outcomes)
        certified = sum(outcome["certified"] for outcome in self.tally.outcomes)
        p50, p95, most = (np.percentile(self.tally.batches, share) * 1e3 for share in (50, 95, 100))
        return [
            self.pack,
            str(self.at_once),
            f"{certified} of {sessions}",
            f"{self.tally.pictures / sessions:.0f}",
            f"{self.site / sessions:.3f}",
            f"{self.engine:.3f}",
            f"{self.database / sessions:.3f}",
            f"{1 / self.cpu:.2f}",
            f"{1 / self.cpu / GOAL:.2f}",
            f"{p50:.0f} / {p95:.0f} / {most:.0f}",
            "" if self.busy is None else f"{self.busy:.0%}",
        ]

    def failures(self) -> Counter:
        return Counter(
            (outcome["decision"], *outcome["reasons"])
            for outcome in self.tally.outcomes
            if not outcome["certified"]
        )


def visit(served: Served, pack: str, film: Film, people: Sequence, at_once: int) -> Load:
    """Certify ``people``, so many at once; each takes the next one's place as soon as that one has left."""
    engine = look_at(pack, film)
    before, tally, left = served.spent(), Tally(), queue.SimpleQueue()
    for person in people:
        left.put(person)
    failed: list[BaseException] = []

    def visitors() -> None:
        try:
            while not failed:
                person = left.get_nowait()
                Visitor(served.port).certify(person.name, person.identity_number, Sitter(film), tally)
        except queue.Empty:
            pass
        except BaseException as error:  # told by the main thread
            failed.append(error)

    threads = [threading.Thread(target=visitors, daemon=True) for _ in range(at_once)]
    for thread in threads:  # one after another: they do not stay in step
        thread.start()
        time.sleep(10 / at_once)
    everybody, began = sum(served.spent()), time.monotonic()
    while not left.empty() and not failed:
        time.sleep(0.05)
    busy = (sum(served.spent()) - everybody) / (time.monotonic() - began) if at_once > 1 else None
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    site, database = (now - then for now, then in zip(served.spent(), before, strict=True))
    pictures = tally.pictures / len(tally.outcomes)
    return Load(pack, at_once, tally, site, database, engine * pictures, busy)


def look_at(pack: str, film: Film) -> float:
    """CPU seconds a picture of a capture takes the engine, from its JPEG on."""
    engine, sitter, seen = FaceEngine(pack), Sitter(film), Observations(pack)
    times = [number * INTERVAL for number in range(LOOKED_AT)]
    engine.observe([Frame(decode_jpeg(sitter.picture(0.0)), 0.0)])  # the first builds what it needs
    began = time.process_time()
    for start in range(0, LOOKED_AT, BATCH):
        batch = [Frame(decode_jpeg(sitter.picture(now)), now) for now in times[start : start + BATCH]]
        seen = Observations(pack, seen.frames + engine.observe(batch, seen).frames)
        if start in (2 * BATCH, 5 * BATCH):
            sitter.asked(list(ANSWERS)[start > 2 * BATCH], times[start])
    return (time.process_time() - began) / LOOKED_AT


def prepare_home(home: Path) -> psutil.Process:
    """Keys, an embedded database with its tables, the demo's roster; the database's process."""
    from jianzai.operations.database import as_role, create_database, start_embedded
    from jianzai.vault import make_keys

    (home / "static").mkdir()
    make_keys(home / "keys.json", demo=True)
    owner = create_database(start_embedded(home / "postgres"), "jianzai")
    asked = {seed: tuple(one.action for one in draw(Random(seed)).prompts) for seed in range(100)}
    os.environ.update(
        JIANZAI_MODE="demo",
        JIANZAI_HOME=str(home),
        JIANZAI_KEYS_FILE=str(home / "keys.json"),
        JIANZAI_OWNER_DATABASE_URL=owner,
        JIANZAI_CHALLENGE_SEED=str(next(seed for seed in asked if asked[seed] == tuple(ANSWERS))),
        JIANZAI_LOG_LEVEL="WARNING",
        DATABASE_URL=as_role(owner, "jianzai_application"),
        DJANGO_SETTINGS_MODULE="jianzai.settings",
    )
    subprocess.run([sys.executable, "-m", "jianzai", "migrate"], check=True)
    import django

    django.setup()
    from jianzai.audit.services import Actor
    from jianzai.certification.services import open_cycle
    from jianzai.clock import move_to, today
    from jianzai.demo.accounts import CLERK, PASSWORD
    from jianzai.demo.load import in_window
    from jianzai.demo.people import roster
    from jianzai.registry.areas import DEMO_TABLE, import_areas
    from jianzai.registry.services import create_staff, import_roster

    year = today().year
    move_to(in_window(year))
    import_areas(DEMO_TABLE.name, DEMO_TABLE.read_bytes())
    import_roster("demo.csv", roster(year), None, dry_run=False)
    create_staff(CLERK.username, PASSWORD, CLERK.name, CLERK.role, CLERK.area)
    open_cycle(year, Actor.SYSTEM)
    return psutil.Process(int((home / "postgres" / "postmaster.pid").read_text().split()[0]))


def model(pack: str, people: Sequence) -> None:
    """Model everybody at the counter: the first from the recording, the others with what came of it."""
    from jianzai.audit.services import Actor
    from jianzai.certification.engine import switch_pack
    from jianzai.certification.models import CaptureSession
    from jianzai.certification.queries import active_reference, reference_picture
    from jianzai.certification.sealing import open_reference
    from jianzai.certification.services import give_consent, open_session
    from jianzai.certification.services.references import keep_reference
    from jianzai.demo.clips import clips
    from jianzai.demo.player import play
    from jianzai.registry.models import Beneficiary, Staff

    switch_pack(pack)
    clerk, clip = Staff.objects.get(), clips()["cap12"]
    actor = Actor.staff(clerk)
    reference = picture = None
    for retiree in people:
        person = Beneficiary.objects.get(personal_number=retiree.personal_number)
        consent = give_consent(person, "zh", actor, taken_by=clerk)
        if reference is not None:
            how = {"consent": consent, "made_by": clerk, "confirmed_by": clerk}
            keep_reference(person, reference, picture, actor, **how)
            continue
        session = open_session(
            person,
            CaptureSession.Purpose.ENROL,
            "station",
            actor=actor,
            staff=clerk,
            consent=consent,
            replay=True,
            allowed=clip.actions,
        )
        outcome = play(session, clip)
        if not outcome["modelled"]:
            raise RuntimeError(f"the recording could not be modelled with {pack}: {outcome['reasons']}")
        row = active_reference(person)
        reference, picture = open_reference(row), reference_picture(row)


@contextmanager
def serving(database: psutil.Process, core: int | None) -> Iterator[Served]:
    """`jianzai serve` with one worker, on ``core`` like the database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "jianzai", "serve", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    hold = (lambda: os.sched_setaffinity(0, {core})) if core is not None else None
    site = subprocess.Popen(command, preexec_fn=hold)
    try:
        while not _answers(port):
            if site.poll() is not None:
                raise RuntimeError("jianzai serve ended")
            time.sleep(0.1)
        yield Served(port, psutil.Process(site.pid), database)
    finally:
        site.terminate()
        site.wait()


def _answers(port: int) -> bool:
    """Whether the worker takes requests; it loads its networks first."""
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False


def hold_to_one_core(database: psutil.Process) -> int | None:
    """Keep a core for the site and the database, the others for the visitors; None where that cannot be."""
    if not hasattr(os, "sched_setaffinity") or len(cores := sorted(os.sched_getaffinity(0))) < 2:
        return None
    os.sched_setaffinity(0, set(cores[:-1]))
    for process in (database, *database.children()):  # what they start later inherits it
        os.sched_setaffinity(process.pid, {cores[-1]})
    return cores[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pack", choices=available_packs(), action="append", help="one pack alone")
    parser.add_argument("--alone", type=int, default=4, help="sessions of one visitor after another")
    parser.add_argument("--sessions", type=int, default=60, help="sessions under full load")
    parser.add_argument("--at-once", type=int, help="visitors under full load; else what fills a core")
    asked = parser.parse_args()
    each = 1 + asked.alone + asked.sessions
    if each >= FEWEST_TO_NORMALISE:
        parser.error(
            f"no more than {FEWEST_TO_NORMALISE - 2} sessions: more references of one man are a cohort"
        )
    home = Path(tempfile.mkdtemp(prefix="jianzai-sessions-"))
    atexit.register(
        shutil.rmtree, home, ignore_errors=True
    )  # after the database has ended: last in, first out
    database = prepare_home(home)
    from jianzai.clock import today
    from jianzai.demo.people import SPECIAL, retirees

    core = hold_to_one_core(database)
    film = Film()
    everybody = islice(retirees(today().year), len(SPECIAL), None)
    table = Table(title=f"whole certifications, goal {GOAL} per second and core")
    for heading in (
        "pack",
        "at once",
        "certified",
        "pictures each",
        "site CPU s each",
        "engine alone",
        "PostgreSQL CPU s each",
        "per s and core",
        "of the goal",
        "batch ms p50 / p95 / max",
        "core busy",
    ):
        table.add_column(heading, justify="right")
    console = Console()
    for pack in asked.pack or available_packs():
        people = list(islice(everybody, each))
        model(pack, people)
        with serving(database, core) as served:
            visit(served, pack, film, people[:1], 1)  # the first of a process finds nothing in its caches
            alone = visit(served, pack, film, people[1 : 1 + asked.alone], 1)
            full = visit(served, pack, film, people[1 + asked.alone :], asked.at_once or alone.filling)
        for load in (alone, full):
            table.add_row(*load.cells())
            for reasons, times in load.failures().items():
                told = f"{load.pack}, {load.at_once} at once: {times} not certified: {' '.join(reasons)}"
                console.print(told)
    console.print(table)
    if core is None:
        console.print("the site and the database were not held to one core: this system or machine cannot")


if __name__ == "__main__":
    main()

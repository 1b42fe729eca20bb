"""A browser for tests: takes pictures from a camera of tests.faces.liveness.simulator and posts them.

The server's clock of the session runs with the pictures rather than with the test, which is the only
thing replaced: batches, engine, database and decision are the real ones.
"""

from __future__ import annotations

from unittest import mock

from jianzai.certification.services import captures, receive_batch
from jianzai.certification.services.captures import LIGHT
from jianzai.faces.types import Action, Prompt
from tests.faces.liveness.page import Page
from tests.faces.liveness.simulator import ANALYSIS, BATCH, NETWORK, OPENING, RATE, REACTION, encode, steady

READING = 2.2  # seconds from the answer that asks for colours to the first of them; capture/light.js


class Browser:
    """Posts the pictures of ``camera`` until the session is decided, or ``seconds`` long."""

    def __init__(self, session, camera, page: Page | None = None):
        self.session, self.camera = session, camera
        self.page = page or Page()
        self.number = self.sequence = 0
        self.shown = None
        self.answers: list[dict] = []

    def run(self, seconds: float = 60.0) -> dict:
        while steady(self.number) < seconds:
            answer = self.post(self.batch())
            if answer["state"] != "open":
                break
        return self.answers[-1]

    def batch(self) -> list[tuple[bytes, float]]:
        times = [steady(self.number + place + 1) for place in range(BATCH)]
        self.number += BATCH
        return [(encode(self.camera.picture(time)), time) for time in times]

    def post(self, frames) -> dict:
        received = OPENING + frames[-1][1] + NETWORK
        shown = frames[-1][1] + NETWORK + ANALYSIS
        return self._post(frames, received, received + ANALYSIS, shown)

    def _post(self, frames, received: float, answered: float, shown: float) -> dict:
        """The answer to ``frames``, by the server's clock; it is ``shown`` by the camera's."""
        clock = iter([received] + [answered] * 10)
        with mock.patch.object(captures, "_seconds", side_effect=clock):
            answer = self.send(frames)
        self.sequence += 1
        self.answers.append(answer)
        asked = answer["prompt"] and (answer["prompt"]["number"], answer["prompt"]["action"])
        if asked and asked != self.shown:
            self.shown = asked
            if asked[1] == LIGHT:
                self.page.show(answer["prompt"]["colours"], answer["prompt"]["seconds"], shown + READING)
            else:
                prompt = Prompt(Action(asked[1]), answer["prompt"]["limit"])
                self.camera.told(prompt, shown + REACTION)
        return answer

    def send(self, frames) -> dict:
        """The server's answer to the next batch."""
        return receive_batch(self.session.pk, self.sequence, frames, self.marks(frames))

    def marks(self, frames) -> list[float | None]:
        """Which colour the page showed at each frame."""
        return [self.page.mark(time) for _, time in frames]


class WaitingBrowser(Browser):
    """One whose server takes ``analysis(sequence)`` seconds for an answer: the next batch waits for it.

    As in link.js: half as many pictures are taken while a batch waits, and none while two do.
    """

    def __init__(self, session, camera, analysis):
        super().__init__(session, camera)
        self.analysis = analysis
        self.waiting: list[tuple[bytes, float]] = []
        self.due = self.answered = 0.0  # camera clock

    def batch(self) -> list[tuple[bytes, float]]:
        while len(self.waiting) < BATCH or self.due < self.answered:
            if len(self.waiting) < 2 * BATCH:
                self.waiting.append((encode(self.camera.picture(self.due)), self.due))
            self.due += 2 / RATE if len(self.waiting) >= BATCH else 1 / RATE
        frames, self.waiting = self.waiting[:BATCH], self.waiting[BATCH:]
        return frames

    def post(self, frames) -> dict:
        sent = max(self.answered, frames[-1][1])
        received = OPENING + sent + NETWORK
        analysis = self.analysis(self.sequence)
        self.answered = sent + NETWORK + analysis + NETWORK
        return self._post(frames, received, received + analysis, self.answered)

"""A page that shows colours, as web/static/web/capture/light.js does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jianzai.faces.reflection import LINEAR

OWN = np.array([0.88, 0.93, 0.95], np.float32)  # the page's cream: blue, green, red, of white


@dataclass
class Page:
    """Which colour it shows at camera time: `colours` in turn, from `began` on; before and after its own."""

    colours: Sequence[str] = ()
    seconds: float = 1.0
    began: float = float("inf")

    def show(self, colours: Sequence[str], seconds: float, began: float) -> None:
        """Show these from `began` on."""
        self.colours, self.seconds, self.began = colours, seconds, began

    def mark(self, time: float) -> float | None:
        """What is written to a picture taken now (Frame.shown)."""
        return None if time < self.began else min((time - self.began) / self.seconds, len(self.colours))

    def light(self, time: float) -> np.ndarray:
        """Blue, green and red of its light, (3,), as shares of white."""
        mark = self.mark(time)
        if mark is None or mark >= len(self.colours):
            return OWN
        colour = self.colours[int(mark)]
        return LINEAR[[int(colour[at : at + 2], 16) for at in (5, 3, 1)]]

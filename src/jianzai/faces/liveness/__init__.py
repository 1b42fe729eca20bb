"""Is a living person answering, here and now? What is asked, and what each voice says of the answer."""

from .challenge import Progress, advance, draw, reopen
from .continuity import is_covered
from .decision import JudgePolicy, judge, listen
from .light import draw_light
from .parallax import measure as measure_parallax
from .voice import Verdict, Voice

__all__ = [
    "JudgePolicy",
    "Progress",
    "Verdict",
    "Voice",
    "advance",
    "draw",
    "draw_light",
    "is_covered",
    "judge",
    "listen",
    "measure_parallax",
    "reopen",
]

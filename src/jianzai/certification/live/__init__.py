"""What a deployment's own attempts say of its face engine: counts with intervals, of nobody in particular.

``folding`` makes groups so large that nobody is told apart, ``reading`` has the database count, ``report``
writes them down. The engine's errors on folders of pictures are ``faces.evaluation``'s.
"""

from .folding import LEAST, Cell, Group, cells
from .reading import CONFIRMED_WITHIN, DIMENSIONS, Figures, LiveReport, NothingToTell, evaluate_live

__all__ = [
    "CONFIRMED_WITHIN",
    "DIMENSIONS",
    "LEAST",
    "Cell",
    "Figures",
    "Group",
    "LiveReport",
    "NothingToTell",
    "cells",
    "evaluate_live",
]

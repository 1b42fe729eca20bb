"""Pictures of a face held before the camera and moved, in a pinhole camera's model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np

from jianzai.faces.types import Prompt

SIZE = (480, 360)  # pixels of the camera's picture
FOCAL = 480.0  # pixels; a webcam's 53 degrees
DISTANCE = 2.2  # of the sheet, in its own widths


@dataclass(frozen=True)
class Pose:
    """Where a sheet is held: degrees of turning, tilting and rolling; shift and size relative to itself.

    `bend` is the angle in radians over which the sheet is curled round its upright axis;
    `squeeze` narrows one side of the picture in its own plane, as a perspective drawn into it.
    """

    turn: float = 0.0
    tilt: float = 0.0
    roll: float = 0.0
    right: float = 0.0
    down: float = 0.0
    size: float = 1.0
    bend: float = 0.0
    squeeze: float = 0.0


def hold(still: np.ndarray, pose: Pose) -> np.ndarray:
    """The camera's picture of a printed still in that pose, before a plain wall."""
    columns, rows = 13, 10
    height = still.shape[0] / still.shape[1]
    across, along = np.meshgrid(np.linspace(-0.5, 0.5, columns), np.linspace(-0.5, 0.5, rows))
    along = along * height * (1 + pose.squeeze * across)
    if abs(pose.bend) > 1e-6:
        points = np.stack(
            [
                np.sin(across * pose.bend) / pose.bend,
                along,
                (1 - np.cos(across * pose.bend)) / pose.bend,
            ],
            axis=-1,
        )
    else:
        points = np.stack([across, along, np.zeros_like(across)], axis=-1)
    turn, tilt, roll = np.radians([pose.turn, pose.tilt, pose.roll])
    around_y = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    around_x = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    around_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    points = points @ (around_z @ around_x @ around_y).T
    points = points * pose.size + [pose.right, pose.down, DISTANCE]
    focal = FOCAL * DISTANCE / 2 * 1.7
    flat = points[..., :2] / points[..., 2:] * focal / 2 + [SIZE[0] / 2, SIZE[1] / 2]
    return _draw(still, flat.astype(np.float32))


def _draw(still: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """The still, its regular grid of points (rows, columns, 2) moved to `grid` in the camera's picture."""
    wall = np.full((SIZE[1], SIZE[0], 3), (150, 160, 165), np.uint8)
    rows, columns = grid.shape[:2]
    height, width = still.shape[:2]
    for row in range(rows - 1):
        for column in range(columns - 1):
            there = grid[[row, row, row + 1, row + 1], [column, column + 1, column + 1, column]]
            low = np.maximum(np.floor(there.min(axis=0)).astype(int), 0)
            high = np.minimum(np.ceil(there.max(axis=0)).astype(int) + 1, SIZE)
            if np.any(high <= low):
                continue
            left, right = (np.array([column, column + 1]) / (columns - 1)) * width
            top, bottom = (np.array([row, row + 1]) / (rows - 1)) * height
            here = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
            matrix = cv2.getPerspectiveTransform(here - 0.5, (there - low).astype(np.float32))
            size = tuple(int(value) for value in high - low)
            patch = cv2.warpPerspective(still, matrix, size, borderMode=cv2.BORDER_REPLICATE)
            mask = np.zeros(size[::-1], np.uint8)
            cv2.fillConvexPoly(mask, np.round((there - low) * 16).astype(np.int32), 255, cv2.LINE_8, 4)
            area = wall[low[1] : high[1], low[0] : high[0]]
            area[mask > 0] = patch[mask > 0]
    return wall


@dataclass
class Held:
    """A still in front of the camera; `move(time, prompt, seconds since the prompt)` says how it is held.

    `drawn` keeps what was drawn already, for the next session with the same still.
    """

    still: np.ndarray
    move: Callable[[float, Prompt | None, float], Pose]
    drawn: dict[Pose, np.ndarray] = field(default_factory=dict)
    prompt: Prompt | None = None
    since: float = 0.0

    def told(self, prompt: Prompt, time: float) -> None:
        self.prompt, self.since = prompt, time

    def picture(self, time: float) -> np.ndarray:
        pose = self.move(time, self.prompt, time - self.since)
        if pose not in self.drawn:
            self.drawn[pose] = hold(self.still, pose)
        return self.drawn[pose]

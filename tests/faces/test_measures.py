"""Pose, openings and quality against what the sample recordings show (looked at by eye)."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from jianzai.faces import Frame, Reason, quality, read_video

from .conftest import changed


def at(watched, name, start, end):
    frames = watched(name, start, end).frames
    assert frames
    return frames


@pytest.mark.parametrize(("start", "sign"), [(19.9, -1), (21.1, +1), (38.5, -1), (39.5, +1)])
def test_yaw_is_positive_towards_the_persons_own_left(watched, start, sign):
    # In an unmirrored picture the person's left is the viewer's right; see the frames at these times.
    yaws = [frame.yaw for frame in at(watched, "cap12_edit", start, start + 0.25)]
    assert all(10 < sign * yaw < 40 for yaw in yaws), yaws


def test_a_mirrored_picture_turns_and_tilts_the_other_way(engine, frames):
    stretch = frames("cap12_edit", 21.1, 21.35)
    seen = engine.observe(stretch).frames[0]
    mirrored = engine.observe(changed(stretch, lambda image: image[:, ::-1].copy())).frames[0]
    assert mirrored.yaw == pytest.approx(-seen.yaw, abs=4)
    assert mirrored.roll == pytest.approx(-seen.roll, abs=3)
    assert mirrored.pitch == pytest.approx(seen.pitch, abs=4)


@pytest.mark.parametrize("degrees", [-20, 20])
def test_roll_is_positive_towards_the_persons_own_left(engine, frames, degrees):
    stretch = frames("cap12_edit", 1.0, 1.15)
    height, width = stretch[0].image.shape[:2]
    # OpenCV turns counter-clockwise for positive angles: the head's top goes to the viewer's left,
    # which is the person's right.
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turned = engine.observe(changed(stretch, lambda image: cv2.warpAffine(image, turn, (width, height))))
    straight = engine.observe(stretch)
    difference = turned.frames[0].roll - straight.frames[0].roll
    assert difference == pytest.approx(-degrees, abs=3)


def test_pitch_is_positive_when_looking_up(engine, shared):
    # She looks down at the floor from 8.6 to 9.4 s, and straight ahead at the start.
    clip = shared / "data" / "videos" / "liveportrait_d3.mp4"
    ahead = np.median([frame.pitch for frame in engine.observe(read_video(clip, end=0.4)).frames])
    down = np.median([frame.pitch for frame in engine.observe(read_video(clip, start=8.7, end=9.2)).frames])
    assert down < ahead - 8
    assert down < -10


def test_an_open_mouth_is_seen(watched):
    opened = [frame.mouth_opening for frame in at(watched, "cap12_edit", 11.7, 12.0)]
    closed = [frame.mouth_opening for frame in at(watched, "cap12_edit", 1.0, 1.4)]
    assert min(opened) > 0.45
    assert max(closed) < 0.1


def test_closed_eyes_are_seen(watched):
    opened = [frame.eye_opening for frame in at(watched, "franck", 8.0, 9.1)]
    closed = [frame.eye_opening for frame in at(watched, "franck", 9.5, 9.9)]
    assert max(closed) < 0.72 * min(opened)


def test_the_box_lies_around_the_face(watched):
    for frame in at(watched, "franck", 0.0, 0.4):
        x, y, width, height = frame.box
        assert 0.3 < x + width / 2 < 0.7
        assert 0.3 < y + height / 2 < 0.75
        assert 0.25 < width < 0.5


def test_equal_pictures_have_equal_digests_and_others_not(engine, frames):
    first, second = frames("cap12_edit", 1.0, 1.2)[:2]
    seen = engine.observe([first, Frame(first.image.copy(), 0.5), second]).frames
    assert seen[0].digest == seen[1].digest != seen[2].digest


DEGRADED = {
    Reason.TOO_DARK: lambda image: (image * 0.22).astype(np.uint8),
    Reason.TOO_BRIGHT: lambda image: np.clip(image.astype(int) * 2 + 110, 0, 255).astype(np.uint8),
    Reason.BLURRED: lambda image: cv2.GaussianBlur(image, (0, 0), 2.5),
    Reason.TOO_SMALL: lambda image: cv2.copyMakeBorder(
        cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
        *(75, 75, 100, 100),
        cv2.BORDER_REPLICATE,
    ),
}


@pytest.mark.parametrize("name", ["cap12_edit", "cap13_edit2", "franck"])
def test_good_recordings_need_no_advice(watched, name):
    assert {quality.advice(frame) for frame in at(watched, name, 1.0, 2.0)} == {None}


@pytest.mark.parametrize("reason", DEGRADED)
def test_a_degraded_recording_gets_the_advice_that_mends_it(engine, frames, reason):
    worse = engine.observe(changed(frames("cap12_edit", 1.0, 1.4), DEGRADED[reason]))
    assert {quality.advice(frame) for frame in worse.frames} == {reason}
    assert all(frame.embedding is None for frame in worse.frames)


def test_a_face_over_the_frames_edge_is_too_near(engine, frames):
    worse = engine.observe(changed(frames("cap12_edit", 1.0, 1.4), lambda image: image[:, :215].copy()))
    assert {quality.advice(frame) for frame in worse.frames} == {Reason.TOO_LARGE}


def test_light_from_behind(engine, frames):
    def against_the_light(image):
        # The person stands dark before a bright wall.
        lit = np.full_like(image, 235)
        mask = np.zeros(image.shape[:2], np.uint8)
        cv2.ellipse(mask, (210, 170), (65, 90), 0, 0, 360, 1, -1)
        mask[240:, 110:310] = 1
        return np.where(mask[..., None] == 1, (image * 0.6).astype(np.uint8), lit)

    worse = engine.observe(changed(frames("cap12_edit", 1.0, 1.4), against_the_light))
    assert {quality.advice(frame) for frame in worse.frames} == {Reason.BACKLIT}


def test_two_faces_are_counted(engine, frames):
    def doubled(image):
        return np.hstack([image[:, 100:300], image[:, 100:300]])

    seen = engine.observe(changed(frames("cap12_edit", 1.0, 1.4), doubled))
    assert {frame.faces for frame in seen.frames} == {2}
    assert {quality.advice(frame) for frame in seen.frames} == {Reason.SEVERAL_FACES}


def test_no_face_in_an_empty_room(engine):
    noise = np.random.default_rng(1).integers(0, 255, (300, 400, 3), dtype=np.uint8)
    seen = engine.observe([Frame(np.full((300, 400, 3), 90, np.uint8), 0.0), Frame(noise, 0.1)])
    assert [(frame.faces, frame.box, frame.quality) for frame in seen.frames] == [(0, None, None)] * 2
    assert {quality.advice(frame) for frame in seen.frames} == {Reason.NO_FACE}

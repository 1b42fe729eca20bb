from dataclasses import replace

import numpy as np
import pytest
from people import Conversation, face

from jianzai.faces.liveness import JudgePolicy, Verdict, judge
from jianzai.faces.liveness.cadence import judge_cadence
from jianzai.faces.liveness.continuity import cuts, judge_continuity
from jianzai.faces.liveness.parallax import judge_parallax
from jianzai.faces.liveness.screen import judge_screen
from jianzai.faces.liveness.shading import TAKEN_ALONG, change
from jianzai.faces.liveness.texture import judge_texture
from jianzai.faces.types import (
    Action,
    Challenge,
    Comparison,
    Decision,
    Observations,
    Parallax,
    Prompt,
    Reason,
)

POLICY = JudgePolicy(
    "x", 0.55, 0.1, 6.0, 1.0, same_face=0.5, other_face=0.3, drawn_threshold=4.0, drawn_grey=1.0
)
NEVER_ASKED = Challenge(())


def stretch(seconds: float = 8.0, rate: float = 9.0):
    """Frames of a head that sways a little, eight to a batch."""
    count = int(seconds * rate)
    return [
        face(
            n / rate,
            (n // 8 * 8 + 7) / rate + 0.3,
            yaw=float(3 * np.sin(0.31 * n)),
            pitch=float(2 * np.sin(0.17 * n)),
        )
        for n in range(count)
    ]


def compared(
    score=0.7, continuity=0.8, normalised=None, cohort=0, times=(0.5, 4.0, 7.0), drawn=False
) -> Comparison:
    return Comparison("x", (score,), score, normalised, cohort, continuity, times, drawn)


class TestCadence:
    def test_a_cameras_frames_pass(self):
        voice = judge_cadence(NEVER_ASKED, stretch())
        assert voice.verdict is Verdict.PASSED
        assert voice.value == pytest.approx(9.0, abs=0.2)

    def test_a_slow_camera_in_the_dark_gives_each_picture_twice(self):
        frames = [replace(frame, digest=str(n // 2)) for n, frame in enumerate(stretch())]
        assert judge_cadence(NEVER_ASKED, frames).verdict is Verdict.PASSED

    def test_batches_that_wait_for_the_network_pass(self):
        frames = [replace(f, received=max(f.received, 5.0) if f.time < 5 else f.received) for f in stretch()]
        assert judge_cadence(NEVER_ASKED, frames).verdict is Verdict.PASSED

    def test_a_few_batches_late_on_their_way_pass(self):
        """Theirs is the network's time, though eight seconds seem to be ten, or six."""
        late = [replace(f, received=f.received + 2.0 * (f.time > 7)) for f in stretch()]
        early = [replace(f, received=max(f.received, 2.5)) for f in stretch()]
        for frames in (late, early):
            assert judge_cadence(NEVER_ASKED, frames).verdict is Verdict.PASSED

    @pytest.mark.parametrize("seconds", [1.0, 2.0, 3.0])
    def test_a_server_that_grows_slow_does_not_slow_the_camera(self, seconds):
        """From the middle on each picture waits for the server, which knows for how long."""
        frames = [
            replace(f, received=f.received + seconds, held=seconds) if f.time > 4 else f for f in stretch()
        ]
        assert judge_cadence(NEVER_ASKED, frames).verdict is Verdict.PASSED

    @pytest.mark.parametrize("pace", [0.6, 1.6])
    def test_another_pace_fails_even_on_a_slow_server(self, pace):
        frames = [replace(f, time=f.time * pace, held=0.8) for f in stretch(15.0)]
        assert judge_cadence(NEVER_ASKED, frames).reason is Reason.BAD_TIMES

    def test_too_few_frames_are_undecided(self):
        assert judge_cadence(NEVER_ASKED, stretch(1.5)).reason is Reason.TOO_SHORT

    def test_two_frames_of_one_time(self):
        frames = stretch()
        frames[5] = replace(frames[5], time=frames[4].time)
        assert judge_cadence(NEVER_ASKED, frames).reason is Reason.BAD_TIMES

    def test_impossibly_many_a_second(self):
        assert judge_cadence(NEVER_ASKED, stretch(rate=60.0)).reason is Reason.BAD_TIMES

    def test_a_gap_is_for_a_clerk(self):
        frames = [frame for frame in stretch(12.0) if not 4.0 < frame.time < 6.5]
        assert judge_cadence(NEVER_ASKED, frames).verdict is Verdict.UNDECIDED

    def test_stillness_is_no_loop(self):
        frames = [replace(frame, yaw=0.0, pitch=0.0) for frame in stretch(20.0)]
        assert judge_cadence(NEVER_ASKED, frames).verdict is Verdict.PASSED


class TestContinuity:
    def voice(self, frames, comparison):
        return judge_continuity(NEVER_ASKED, frames, comparison, 0.5, 0.3)

    def test_one_face_passes(self):
        assert self.voice(stretch(), compared()).verdict is Verdict.PASSED

    @pytest.mark.parametrize(
        ("score", "verdict"),
        [(0.1, Verdict.FAILED), (0.4, Verdict.UNDECIDED), (None, Verdict.UNDECIDED), (0.6, Verdict.PASSED)],
    )
    def test_by_the_embedded_frames(self, score, verdict):
        assert self.voice(stretch(), compared(continuity=score)).verdict is verdict

    def test_an_answer_with_no_embedded_frame_near_is_undecided(self):
        asked = Challenge((Prompt(Action.OPEN_MOUTH, 10.0, issued=1.0, answered=7.9),))
        voice = judge_continuity(asked, stretch(), compared(times=(0.5, 1.0)), 0.5, 0.3)
        assert voice.verdict is Verdict.UNDECIDED

    @pytest.mark.parametrize("box", [(0.05, 0.3, 0.3, 0.4), (0.2, 0.1, 0.5, 0.7)])
    def test_a_jump_is_a_cut(self, box):
        frames = stretch()
        frames[40:] = [replace(frame, box=box) for frame in frames[40:]]
        assert cuts(frames) == 1
        assert self.voice(frames, compared()).verdict is Verdict.UNDECIDED

    def test_walking_off_is_a_cut_and_a_lost_frame_is_not(self):
        gone = [replace(f, box=None, yaw=None, faces=0) if 3 < f.time < 5 else f for f in stretch()]
        lost = [replace(f, box=None, yaw=None, faces=0) if 3 < f.time < 3.5 else f for f in stretch()]
        assert (cuts(gone), cuts(lost)) == (1, 0)

    def test_somebody_beside_is_for_a_clerk(self):
        frames = [replace(frame, faces=2) if frame.time < 3 else frame for frame in stretch()]
        assert self.voice(frames, compared()).reason is Reason.SEVERAL_FACES


class TestParallax:
    @pytest.mark.parametrize(
        ("degrees", "residual", "verdict"),
        [
            (18.0, 0.5, Verdict.FAILED),
            (18.0, 0.8, Verdict.UNDECIDED),
            (18.0, 2.5, Verdict.PASSED),
            (18.0, 5.6, Verdict.UNDECIDED),
            (35.0, 5.6, Verdict.PASSED),
            (35.0, 0.5, Verdict.FAILED),
            (35.0, 9.0, Verdict.UNDECIDED),
        ],
    )
    def test_the_further_a_head_turns_the_more_its_depth_leaves_over(self, degrees, residual, verdict):
        talk = Conversation(Challenge((Prompt(Action.TURN_LEFT, 10.0), Prompt(Action.OPEN_MOUTH, 10.0))))
        talk.rest()
        step = talk.show(3.0, [{}, {"yaw": degrees}, {"yaw": degrees}, {}])
        turn = Parallax(*step.turn, degrees, 90, residual)
        voice = judge_parallax(talk.challenge, talk.frames, [turn])
        assert (voice.value, voice.verdict) == (residual, verdict)


class TestShading:
    """A ball before the camera, grey in a light from one side, and the same places of it afterwards."""

    DOWN, ACROSS = (np.mgrid[0:160, 0:120] - np.array([[[80]], [[60]]])) / np.array([[[100]], [[75]]])
    FACE = ((DOWN**2 + ACROSS**2 < 0.5) * 255).astype(np.uint8)
    POINTS = np.argwhere(FACE[::12, ::12] > 0)[:, ::-1].astype(np.float32) * 12

    def lit(self, degrees: float) -> np.ndarray:
        near = np.sqrt(np.maximum(0, 1 - self.DOWN**2 - self.ACROSS**2))
        light = self.ACROSS * np.sin(np.radians(degrees)) + near * np.cos(np.radians(degrees))
        return 40 + 150 * np.maximum(0, light)

    def changed(self, after: np.ndarray) -> float:
        shown = [np.clip(one, 0, 255).astype(np.uint8) for one in (self.lit(30), after)]
        return change(*shown, self.FACE, self.POINTS, self.POINTS, 20.0)

    @pytest.mark.parametrize("tones", [lambda grey: 0.6 * grey, lambda grey: 255 * (grey / 255) ** 1.4])
    def test_a_lamp_or_a_cameras_other_tones_are_no_change(self, tones):
        assert self.changed(tones(self.lit(30))) < TAKEN_ALONG / 3

    @pytest.mark.parametrize("degrees", [10, 50])
    def test_another_angle_is(self, degrees):
        assert self.changed(self.lit(degrees)) > TAKEN_ALONG

    def test_nor_is_a_place_that_was_followed_wrongly_by_a_little(self):
        astray = np.roll(self.lit(30), 1, axis=1)
        assert 0 < self.changed(astray) < 3 * TAKEN_ALONG


class TestTexture:
    @pytest.mark.parametrize(
        ("share", "verdict"), [(None, Verdict.ABSENT), (0.9, Verdict.PASSED), (0.1, Verdict.UNDECIDED)]
    )
    def test_never_refuses_alone(self, share, verdict):
        frames = [replace(frame, texture=share) for frame in stretch()]
        assert judge_texture(NEVER_ASKED, frames).verdict is verdict


class TestScreen:
    @pytest.mark.parametrize(
        ("height", "verdict"), [(None, Verdict.ABSENT), (2.8, Verdict.PASSED), (5.0, Verdict.UNDECIDED)]
    )
    def test_never_refuses_alone(self, height, verdict):
        frames = [replace(frame, lattice=height) for frame in stretch()]
        assert judge_screen(NEVER_ASKED, frames).verdict is verdict


class TestDecision:
    """On a capture that answers nothing, so that one voice fails in each; the clips show the rest."""

    def test_scores_of_different_packs_are_never_mixed(self):
        with pytest.raises(ValueError, match="y"):
            judge(NEVER_ASKED, Observations("y", tuple(stretch())), compared(), POLICY)

    @pytest.mark.parametrize(
        ("comparison", "decision"),
        [
            (compared(0.56), Decision.SAME),
            (compared(0.50), Decision.UNCERTAIN),
            (compared(0.40), Decision.NOT_SAME),
            (compared(0.40, normalised=6.5, cohort=300), Decision.SAME),
            (compared(0.70, normalised=5.5, cohort=300), Decision.UNCERTAIN),
            (compared(0.40, normalised=6.5, cohort=299), Decision.NOT_SAME),
            (compared(0.40, normalised=4.5, cohort=299, drawn=True), Decision.SAME),
            (compared(0.70, normalised=3.5, cohort=299, drawn=True), Decision.UNCERTAIN),
            (compared(0.70, normalised=2.5, cohort=299, drawn=True), Decision.NOT_SAME),
            (compared(None, continuity=None), Decision.NOT_SAME),
        ],
    )
    def test_comparison(self, comparison, decision):
        verification = judge(NEVER_ASKED, Observations("x", tuple(stretch())), comparison, POLICY)
        assert verification.decision is decision
        assert (verification.similarity >= 60) == (decision is Decision.SAME)
        assert not verification.live

    def test_an_unanswered_challenge_is_said_first(self):
        verification = judge(NEVER_ASKED, Observations("x", tuple(stretch())), compared(), POLICY)
        assert verification.reasons[0] is Reason.PROMPT_LAPSED
        assert not verification.certifies

    def test_a_silent_voice_is_not_asked(self):
        frames = tuple(replace(frame, texture=0.1) for frame in stretch())
        policy = replace(POLICY, silent=("texture",))
        heard = judge(NEVER_ASKED, Observations("x", frames), compared(), POLICY)
        unheard = judge(NEVER_ASKED, Observations("x", frames), compared(), policy)
        assert Reason.TEXTURE in heard.reasons
        assert Reason.TEXTURE not in unheard.reasons
        assert "texture" not in unheard.voices

    def test_a_turn_of_another_time_proves_nothing(self):
        turns = (Parallax(0.0, 1.0, 15.0, 90, 2.0),)
        verification = judge(NEVER_ASKED, Observations("x", tuple(stretch()), turns), compared(), POLICY)
        assert verification.voices["parallax"] is None

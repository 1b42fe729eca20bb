"""The voice that looks for the screen's colours on the face: on numbers, and on people lit by a model."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people import Conversation, face

from jianzai.faces.liveness import Verdict, draw, draw_light, reopen
from jianzai.faces.liveness.light import COLOURS, LIMIT_SECONDS, SECONDS, fit, judge_light, to_compare
from jianzai.faces.types import Action, Challenge, Colour, Comparison, Light, Prompt, Reason, Reflection

SKIN, WALL = np.array([0.35, 0.2, 0.14]), np.array([0.2, 0.2, 0.2])
LIT = {
    one: ((np.array([int(one[at : at + 2], 16) for at in (1, 3, 5)]) / 255 + 0.055) / 1.055) ** 2.4
    for one in Colour
}


def sitting(shown, share=0.3, follows=None, seed=0, rate=9.0, late=0.15, noise=0.003, wall=0.1, cast=None):
    """Frames of a face that gets `share` as much light from a white screen as from the room.

    The page shows `shown`; the face follows `follows`, the same unless given. `cast` (n, 3) colours all.
    """
    chance = np.random.default_rng(seed)
    follows = shown if follows is None else follows
    frames, times = [], np.arange(0.0, COLOURS * SECONDS + 0.5, 1 / rate)
    for number, time in enumerate(times):
        place = int((time - late) // SECONDS)
        light = LIT[follows[place]] if 0 <= place < COLOURS else np.ones(3)
        drift = 0.02 * np.sin(0.9 * time + seed) * np.array([1, 0, -1])
        gain = np.exp(drift + noise * chance.normal(size=3))
        camera = np.ones(3) if cast is None else cast[number]
        skin, around = SKIN * (1 + share * light) * gain * camera, WALL * (1 + wall * share * light) * camera
        mark = min(time / SECONDS, COLOURS)
        frames.append(face(2 + time, 2.6 + time, reflection=Reflection(mark, tuple(skin), tuple(around))))
    return frames


def said(light, frames, compared=-8):
    """What the voice says where the frame at place `compared` is embedded."""
    comparison = Comparison("x", (), None, None, 0, None, (frames[compared].time,))
    return judge_light(Challenge((), light=light), frames, comparison)


def asked(seed, required=False):
    return replace(draw_light(Random(seed), required), issued=2.0, compared=0)


@given(seed=st.integers(0, 10**6), required=st.booleans())
def test_colours_are_drawn_by_chance_pale_and_calm(seed, required):
    light = draw_light(Random(seed), required)
    assert len(light.colours) == COLOURS
    assert all(one is not other for one, other in zip(light.colours, light.colours[1:], strict=False))
    assert 0 <= light.compared < COLOURS


def test_nothing_that_is_shown_counts_as_a_flash():
    """WCAG 2.2, 2.3.1: at most three changes a second; dark is below 0.8; red is saturated from 0.8 on."""
    assert 1 / SECONDS <= 2.5
    for one in Colour:
        red, green, blue = LIT[one]
        assert 0.2126 * red + 0.7152 * green + 0.0722 * blue >= 0.49
        assert red / (red + green + blue) < 0.8


@settings(max_examples=25, derandomize=True)  # noise alone hides a faint light in one of 1,000
@given(
    seed=st.integers(0, 10**6),
    share=st.floats(0.12, 3.0),
    rate=st.floats(5.0, 10.0),
    late=st.floats(0.0, 0.4),
    wall=st.floats(0.0, 0.4),
)
def test_a_face_that_is_lit_by_the_screen_is_told(seed, share, rate, late, wall):
    light = asked(seed)
    voice = said(light, sitting(light.colours, share, seed=seed, rate=rate, late=late, wall=wall))
    assert voice.verdict is Verdict.PASSED
    assert voice.value >= 0.999


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), required=st.booleans(), share=st.floats(0.2, 2.0))
def test_a_face_lit_by_other_colours_is_for_a_clerk(seed, required, share):
    light = asked(seed, required)
    other = draw_light(Random(seed + 1), False).colours
    voice = said(light, sitting(light.colours, share, follows=other, seed=seed))
    assert voice.verdict is not Verdict.PASSED


def test_hardly_a_face_lit_by_other_colours_passes_for_one_in_daylight():
    told = 0
    for seed in range(60):
        light = asked(seed)
        other = draw_light(Random(seed + 1000), False).colours
        told += (
            said(light, sitting(light.colours, 0.5, follows=other, seed=seed)).reason is Reason.OTHER_LIGHT
        )
    assert told >= 48


def test_a_page_that_stays_with_the_first_colour_is_for_a_clerk():
    light = asked(3)
    frames = sitting(light.colours)
    held = [replace(one, reflection=replace(one.reflection, shown=0.4)) for one in frames]
    assert said(light, held).reason is Reason.OTHER_LIGHT


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), share=st.floats(0.0, 0.01), noise=st.floats(0.0, 0.01))
def test_in_daylight_nothing_is_seen_and_the_office_says_what_follows(seed, share, noise):
    light = asked(seed)
    frames = sitting(light.colours, share, seed=seed, noise=noise)
    assert said(light, frames).verdict is Verdict.ABSENT
    voice = said(replace(light, required=True), frames)
    assert (voice.value, voice.verdict, voice.reason) == (None, Verdict.UNDECIDED, Reason.NO_LIGHT)


def test_a_tint_of_the_whole_picture_is_no_reflection():
    """As a program lays it over a film, or a camera's white balance over everything."""
    for seed in range(5):
        light = asked(seed)
        cast = [1 + LIT[light.colours[min(number // 6, 7)]] for number in range(60)]
        assert said(light, sitting(light.colours, 0.0, seed=seed, cast=cast)).verdict is Verdict.ABSENT


def test_whatever_does_not_follow_fits_by_chance_only():
    """Of faces that change as they like, one in a hundred fits better than 99 of 100 sequences."""
    better = 0
    for seed in range(200):
        light = asked(seed)
        other = draw_light(Random(seed + 1000), False).colours
        found = fit(light.colours, sitting(light.colours, 0.2, follows=other, seed=seed))
        better += found.worse >= 0.99
    assert better <= 7  # of 200 with a chance of 0.01: more once in 1,000 times


@pytest.mark.parametrize("wrong", ["backwards", "hurried", "few", "before", "not compared", "never asked"])
def test_what_cannot_be_trusted_is_not_seen(wrong):
    light = asked(3)
    frames = sitting(light.colours)
    assert said(light, frames, 9).verdict is Verdict.PASSED
    if wrong == "backwards":
        marks = [one.reflection.shown for one in frames][::-1]
        frames = [
            replace(one, reflection=replace(one.reflection, shown=mark))
            for one, mark in zip(frames, marks, strict=True)
        ]
    elif wrong == "hurried":  # frames that do not suit are left out, and the clock with them
        frames = [replace(one, time=2 + (one.time - 2) / 2, received=one.received) for one in frames]
    elif wrong == "few":
        frames = frames[::4]
    elif wrong == "before":
        light = replace(light, issued=20.0)
    elif wrong == "not compared":
        light = replace(light, compared=7)
    else:
        light = replace(light, issued=None)
    assert said(light, frames, 9).verdict is Verdict.ABSENT


def test_where_none_are_shown_the_office_says_what_follows():
    voices = [
        judge_light(
            Challenge((), light=Light((), required)), [face(1.0)], Comparison("x", (), None, None, 0, None)
        )
        for required in (False, True)
    ]
    assert [one.verdict for one in voices] == [Verdict.ABSENT, Verdict.UNDECIDED]


def test_one_frame_from_the_secret_colour_on_is_compared():
    light = replace(asked(1), compared=5)
    frames = sitting(light.colours)
    first = next(n for n, one in enumerate(frames) if one.reflection.shown >= 5)
    assert to_compare(light, frames[:first], frames[:first]) == []
    fresh = frames[first - 3 : first + 5]
    places = to_compare(light, frames[: first + 5], fresh)
    assert places == [3, 4, 5, 6, 7]
    embedded = [replace(one, embedding=np.ones(3)) if n == first else one for n, one in enumerate(frames)]
    assert to_compare(light, embedded, embedded[-8:]) == []
    assert to_compare(None, frames, frames) == []


class TestInTheConversation:
    """The colours come after both actions, and the conversation waits for them, but not for ever."""

    def talk(self, light):
        prompts = (Prompt(Action.OPEN_MOUTH, 10.0), Prompt(Action.TURN_LEFT, 10.0))
        talk = Conversation(Challenge(prompts, light=light))
        talk.rest()
        assert talk.show(0.9, mouth_opening=0.6).light is None
        talk.rest()
        answered = talk.show(1.5, [{"yaw": 20.0}, {"yaw": 2.0}])
        assert answered.answered is Action.TURN_LEFT
        return talk, answered

    def test_shown_once_the_face_is_back_and_complete_when_all_were_shown(self):
        talk, answered = self.talk(draw_light(Random(1), False))
        assert not answered.complete
        assert answered.light is None
        shown = talk.show(1.2)
        assert shown.light.issued
        assert not shown.complete
        assert not talk.show(2.0, reflection=Reflection(3.0, (0.3, 0.2, 0.1))).complete
        done = talk.show(0.9, reflection=Reflection(float(COLOURS), None))
        assert done.complete
        assert done.challenge.light.ended

    def test_a_page_that_never_shows_them_ends_it_all_the_same(self):
        talk, _ = self.talk(draw_light(Random(1), False))
        talk.show(1.2)
        assert not talk.show(LIMIT_SECONDS - 5).complete
        assert talk.show(6.0).complete

    def test_who_does_not_come_back_to_rest_ends_it_too(self):
        talk, _ = self.talk(draw_light(Random(1), False))
        assert talk.show(130.0, faces=0, yaw=None, quality=None).complete

    @pytest.mark.parametrize("light", [None, Light((), True), Light((), False)])
    def test_without_colours_the_actions_are_all(self, light):
        _, answered = self.talk(light)
        assert answered.complete

    def test_a_reload_draws_others(self):
        light = replace(draw_light(Random(1), True), issued=3.0)
        again = reopen(Challenge(draw(Random(2)).prompts, light=light), 9.0, Random(5)).light
        assert again.colours != light.colours
        assert (again.required, again.issued, again.ended) == (True, None, None)
        without = Challenge(draw(Random(2)).prompts, light=Light((), True))
        assert reopen(without, 9.0, Random(5)).light == without.light

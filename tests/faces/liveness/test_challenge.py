from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from people import Conversation, face

from jianzai.faces.liveness import advance, draw, reopen
from jianzai.faces.liveness.actions import TURNS, judge_actions
from jianzai.faces.liveness.challenge import (
    LIMIT_SECONDS,
    MAXIMUM_REDRAWS,
    SESSION_SECONDS,
    SLOW_LIMIT_SECONDS,
)
from jianzai.faces.liveness.voice import Verdict
from jianzai.faces.types import Action, Challenge, Observations, Prompt, Reason

LEFT, RIGHT, MOUTH, EYES = Action.TURN_LEFT, Action.TURN_RIGHT, Action.OPEN_MOUTH, Action.CLOSE_EYES
MADE = {
    LEFT: {"yaw": 15.0},
    RIGHT: {"yaw": -15.0},
    MOUTH: {"mouth_opening": 0.5},
    EYES: {"eye_opening": 0.17},
}


def asked(*actions: Action, **others) -> Conversation:
    return Conversation(Challenge(tuple(Prompt(action, LIMIT_SECONDS) for action in actions)), **others)


def make(talk: Conversation, action: Action):
    """The action from rest to rest, within one batch of about three seconds."""
    return talk.show(3.0, [{}, MADE[action], MADE[action], {}])


class TestDrawing:
    def test_one_turn_and_one_of_mouth_or_eyes_in_any_order(self):
        random = Random(3)
        seen = Counter(tuple(p.action for p in draw(random).prompts) for _ in range(800))
        assert len(seen) == 8
        assert all((first in TURNS) != (second in TURNS) for first, second in seen)
        assert min(seen.values()) > 60  # 100 each on average

    def test_slow_gives_time_and_nothing_else(self):
        usual, slow = draw(Random(5)), draw(Random(5), slow=True)
        assert [p.action for p in usual.prompts] == [p.action for p in slow.prompts]
        assert {p.limit for p in slow.prompts} == {SLOW_LIMIT_SECONDS}

    def test_only_what_is_allowed(self):
        for seed in range(20):
            assert {p.action for p in draw(Random(seed), allowed={LEFT, MOUTH}).prompts} == {LEFT, MOUTH}

    @pytest.mark.parametrize("allowed", [(), (LEFT, RIGHT), (MOUTH,)])
    def test_too_little_allowed_is_refused(self, allowed):
        with pytest.raises(ValueError, match="turn"):
            draw(Random(1), allowed=allowed)

    def test_uses_the_systems_randomness_by_itself(self):
        assert len({tuple(p.action for p in draw().prompts) for _ in range(200)}) == 8


class TestIssuing:
    def test_after_a_second_of_a_steady_face(self):
        talk = asked(LEFT, MOUTH)
        assert talk.show(0.6).prompt is None
        assert talk.show(0.9).prompt.action is LEFT

    @pytest.mark.parametrize(
        ("hindrance", "advice"),
        [
            ({"faces": 2}, Reason.SEVERAL_FACES),
            ({"yaw": 40.0}, Reason.NOT_FRONTAL),
            ({"box": (0.0, 0.0, 1.0, 1.0)}, Reason.TOO_LARGE),
            ({"faces": 0, "quality": None, "yaw": None, "box": None}, Reason.NO_FACE),
        ],
    )
    def test_not_before_and_the_person_is_told_why(self, hindrance, advice):
        step = asked(LEFT, MOUTH).show(3.0, **hindrance)
        assert step.prompt is None
        assert step.guidance is advice

    def test_not_while_the_head_moves(self):
        assert asked(LEFT, MOUTH).show(2.0, [{"yaw": yaw} for yaw in (-8, 0, 8, 0) * 3]).prompt is None

    def test_not_while_a_mouth_is_still_open(self):
        talk = asked(MOUTH, LEFT)
        talk.rest()
        assert talk.show(2.0, [{}, MADE[MOUTH], MADE[MOUTH]]).answered is MOUTH
        assert talk.show(2.0, mouth_opening=0.5).prompt is None
        assert talk.show(1.0).prompt.action is LEFT

    def test_a_head_that_turns_as_asked_is_not_told_to_look_here(self):
        talk = asked(LEFT, MOUTH)
        talk.rest()
        assert talk.show(0.9, yaw=35.0).guidance is None


class TestAnswering:
    @pytest.mark.parametrize("turn", [LEFT, RIGHT])
    @pytest.mark.parametrize("other", [MOUTH, EYES])
    @pytest.mark.parametrize("turn_first", [True, False])
    def test_both_in_order(self, turn, other, turn_first):
        first, second = (turn, other) if turn_first else (other, turn)
        talk = asked(first, second)
        talk.rest()
        step = make(talk, first)
        assert step.answered is first
        assert (step.turn is not None) == turn_first
        talk.rest()
        step = make(talk, second)
        assert step.answered is second
        assert step.complete
        assert not step.over
        assert judge_actions(step.challenge, talk.frames).verdict is Verdict.PASSED

    def test_the_span_of_a_turn_is_its_swing_out(self):
        talk = asked(LEFT, MOUTH)
        talk.rest()
        began = talk.time
        started, ended = make(talk, LEFT).turn
        assert began < started < began + 0.8
        assert started < ended <= began + 0.9

    @pytest.mark.parametrize(
        ("usual", "made"),
        [
            ({"eye_opening": 0.16}, {"eye_opening": 0.10}),  # narrow old eyes
            ({"eye_opening": 0.45}, {"eye_opening": 0.28}),
        ],
    )
    def test_eyes_are_measured_against_the_persons_own(self, usual, made):
        talk = asked(EYES, LEFT, usual=usual)
        talk.rest()
        assert talk.show(3.6, [{}, made, {}]).answered is EYES

    def test_a_blink_does_not_answer(self):
        talk = asked(EYES, LEFT)
        talk.rest()
        assert talk.show(1.8, [{}, MADE[EYES], {}, {}, {}, {}]).answered is None

    def test_a_mouth_that_always_hangs_open_is_no_answer(self):
        talk = asked(MOUTH, LEFT, usual={"mouth_opening": 0.35})
        talk.rest()
        assert talk.show(2.0).answered is None
        assert talk.show(2.0, [{}, {"mouth_opening": 0.7}, {}]).answered is MOUTH

    def test_a_head_held_askew_turns_from_there(self):
        talk = asked(RIGHT, MOUTH, usual={"yaw": 14.0})
        talk.rest()
        assert talk.show(2.0).answered is None
        assert talk.show(3.0, [{}, {"yaw": 2.0}, {"yaw": 2.0}, {}]).answered is RIGHT

    def test_what_began_before_the_prompt_does_not_count(self):
        talk = asked(MOUTH, LEFT)
        talk.show(1.3)  # issued on arrival of this batch
        assert talk.show(0.9, mouth_opening=0.5).answered is None

    def test_frames_taken_before_the_prompt_do_not_count_though_received_after(self):
        talk = asked(MOUTH, LEFT)
        step = talk.show(1.3)
        late = step.prompt.issued + 1.0
        talk.frames += [face(1.3 + 0.01 * n, late, mouth_opening=0.03 if n < 2 else 0.5) for n in range(8)]
        step = advance(talk.challenge, Observations("x", tuple(talk.frames)), late + 0.1, Random(1))
        assert step.answered is None

    def test_repeating_the_last_action_is_forgiven(self):
        talk = asked(MOUTH, LEFT)
        talk.rest()
        make(talk, MOUTH)
        talk.rest()
        step = make(talk, MOUTH)
        assert step.prompt.action is LEFT
        assert make(talk, LEFT).complete

    def test_a_batch_seen_again_changes_nothing(self):
        talk = asked(MOUTH, LEFT)
        talk.rest()
        step = make(talk, MOUTH)
        again = advance(
            step.challenge, Observations("x", tuple(talk.frames[:-1])), talk.time + 0.2, Random(9)
        )
        assert again.challenge.prompts[0] == step.challenge.prompts[0]


class TestLapsesAndSlips:
    def test_not_answered_in_time_is_drawn_anew(self):
        talk = asked(MOUTH, LEFT)
        talk.rest()
        step = talk.show(LIMIT_SECONDS + 3.0)
        lapsed, *drawn = step.challenge.prompts
        assert lapsed.action is MOUTH
        assert lapsed.lapsed
        assert not lapsed.wrong
        assert len(drawn) == 2
        assert len(TURNS & {prompt.action for prompt in drawn}) == 1

    def test_an_answer_after_its_time_does_not_count(self):
        talk = asked(MOUTH, LEFT)
        talk.rest()
        talk.show(LIMIT_SECONDS + 3.0)
        assert make(talk, MOUTH).answered is None or talk.challenge.prompts[0].lapsed

    def test_a_wrong_action_is_drawn_anew_once_and_over_the_second_time(self):
        talk = asked(LEFT, MOUTH)
        talk.rest()
        step = make(talk, RIGHT)
        assert step.challenge.prompts[0].wrong
        assert not step.over
        shown = talk.rest().prompt
        wrong = next(action for action in (LEFT, MOUTH) if action is not shown.action)
        step = make(talk, wrong)
        assert step.over
        assert step.prompt is None
        assert judge_actions(step.challenge, talk.frames).reason is Reason.WRONG_ACTION

    def test_what_was_answered_stays_when_the_second_lapses(self):
        talk = asked(MOUTH, LEFT)
        talk.rest()
        make(talk, MOUTH)
        talk.rest()
        step = talk.show(LIMIT_SECONDS + 3.0)
        assert [p.answered is not None for p in step.challenge.prompts] == [True, False, False]
        assert step.challenge.prompts[-1].action in TURNS

    def test_over_after_so_many_redraws(self):
        talk = asked(MOUTH, LEFT)
        lapses = 0
        while not (step := talk.show(1.0)).over:
            lapses = sum(prompt.lapsed for prompt in step.challenge.prompts)
            assert lapses <= MAXIMUM_REDRAWS
        assert judge_actions(step.challenge, talk.frames).reason is Reason.PROMPT_LAPSED

    def test_over_when_nobody_settles(self):
        talk = asked(MOUTH, LEFT)
        talk.show(10.0, faces=2)
        talk.time = SESSION_SECONDS
        assert talk.show(1.0, faces=2).over


class TestReload:
    def test_everything_shown_is_void_and_drawn_anew(self):
        talk = asked(MOUTH, LEFT)
        talk.rest()
        make(talk, MOUTH)
        talk.rest()
        again = reopen(talk.challenge, now=50.0, random=Random(2))
        assert [prompt.lapsed for prompt in again.prompts] == [True, True, False, False]
        assert again.opened == 50.0

    def test_prompts_never_shown_leave_no_trace(self):
        challenge = draw(Random(1))
        assert len(reopen(challenge, 1.0, Random(2)).prompts) == 2

    def test_frames_of_before_do_not_count(self):
        talk = asked(MOUTH, LEFT)
        talk.show(1.3)
        again = reopen(talk.challenge, now=5.0, random=Random(2))
        step = advance(again, Observations("x", tuple(talk.frames)), 5.1, Random(2))
        assert step.prompt is None

    def test_reloading_is_no_way_to_choose(self):
        talk = asked(MOUTH, LEFT)
        for _ in range(MAXIMUM_REDRAWS + 1):
            talk.show(1.3)
            talk.challenge = reopen(talk.challenge, talk.time + 0.5, talk.random)
            talk.time += 1.0
        assert talk.show(1.3).over


def test_answers_claimed_without_frames_that_show_them_are_refused():
    talk = asked(MOUTH, LEFT)
    talk.rest()
    prompts = tuple(
        replace(prompt, issued=2.0 + 4 * number, answered=4.0 + 4 * number)
        for number, prompt in enumerate(talk.challenge.prompts)
    )
    forged = replace(talk.challenge, prompts=prompts)
    assert judge_actions(forged, talk.frames).verdict is Verdict.FAILED


def test_a_recording_of_every_action_seldom_passes():
    """All four actions in a row, again and again: what chance has it, with redraws?"""
    order = (LEFT, MOUTH, RIGHT, EYES)
    passed = 0
    for seed in range(200):
        talk = Conversation(draw(Random(seed)), Random(seed + 1000))
        step, number = talk.show(1.3), 0
        while not (step.complete or step.over):
            step = make(talk, order[number % 4]) if step.prompt else talk.show(1.3)
            number += 1
        passed += step.complete
    assert passed / 200 < 0.4

"""Whatever somebody answers, at most four questions lead to one way; nothing said out of place misleads."""

from hypothesis import given
from hypothesis import strategies as st

from jianzai.channels.guidance.aloud import closed_ways, papers, spoken_guides, steps
from jianzai.channels.guidance.rules import FIRST, GUIDES, QUESTIONS, Way, follow
from jianzai.sentences import LANGUAGES, sentences

MOST = 4


def every_path(answered=()):
    standing = follow(dict(answered))
    if standing.way:
        yield standing
        return
    for answer in QUESTIONS[standing.question]:
        yield from every_path((*answered, (standing.question, answer)))


def test_every_way_is_reached_within_four_questions():
    ends = list(every_path())
    assert {end.way for end in ends} == set(Way)
    assert max(len(end.answered) for end in ends) <= MOST


ANSWERS = st.text(max_size=10) | st.sampled_from(["yes", "no", "here", "abroad", "finger"])


@given(st.dictionaries(st.sampled_from([*QUESTIONS, "other"]), ANSWERS), st.sets(st.sampled_from(Way)))
def test_anything_in_the_address_leads_to_a_question_or_a_way_that_is_open(answers, shut):
    standing = follow(answers, shut)
    assert standing.way not in shut
    assert (standing.question is None) != (standing.way is None)
    assert standing.question is None or standing.question in QUESTIONS
    assert follow(dict(standing.answered), shut) == standing
    asked = [question for question, _ in standing.answered]
    assert len(set(asked)) == len(asked)
    assert not asked or asked[0] == FIRST


def test_every_sentence_is_there_and_none_is_left_over():
    told = {f"guidance.ask_{question}" for question in QUESTIONS}
    told |= {f"guidance.{way}_note" for way, guide in GUIDES.items() if guide.optional}
    told |= {f"guidance.{question}_{answer}" for question, answers in QUESTIONS.items() for answer in answers}
    for way, guide in GUIDES.items():
        told |= {f"guidance.{way}_{part}" for part in ("title", "place", "time")}
        told |= {f"guidance.{way}_step_{number}" for number in range(1, guide.steps + 1)}
        told |= {f"guidance.{way}_paper_{number}" for number in range(1, guide.papers + 1)}
    prefixes = tuple(f"guidance.{name}_" for name in ("ask", *QUESTIONS, *Way))
    assert {code for code in sentences() if code.startswith(prefixes)} == told


def test_what_is_read_aloud_is_what_stands_on_the_page():
    for language in LANGUAGES:
        spoken = spoken_guides(language)
        there = set(Way) - closed_ways()
        assert len(spoken) == len(there) + len(QUESTIONS)
        for way in there:
            for sentence in (*steps(way, language), *papers(way, language)):
                assert sentence in spoken[f"guide_to_{way}"]

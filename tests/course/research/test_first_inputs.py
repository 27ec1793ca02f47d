"""The list of what people type first: whole, fair to a right answer, and hard on the mistakes that were seen."""

import re

import pytest

from s2s_lib.course.research import first_inputs
from s2s_lib.course.research.first_inputs import NEGATION, OUTSIDE, FirstInput, faults, has, main

INPUTS = first_inputs.first_inputs()
NAMED = [pytest.param(wanted, id=wanted.french) for wanted in INPUTS]
KINDS = """
    noun phrase, no stop, with a stop, lower case, upper case, long, two sentences, negation, without, plural,
    possessive, colour, pronoun, there is, it is, guillemets, name, everyday, question
"""


def of(french: str) -> FirstInput:
    return next(wanted for wanted in INPUTS if wanted.french == french)


def test_the_list_has_120_ordinary_inputs_of_every_kind_and_none_twice():
    assert len([wanted for wanted in INPUTS if wanted.kind != OUTSIDE]) >= 120
    assert len({wanted.french for wanted in INPUTS}) == len(INPUTS)
    assert {wanted.kind for wanted in INPUTS} == set(re.split(r",\s+", KINDS.strip()))
    lengths = [len(wanted.french.split()) for wanted in INPUTS]
    assert min(lengths) <= 2
    assert max(lengths) >= 20


@pytest.mark.parametrize("wanted", NAMED)
def test_a_right_answer_has_no_fault(wanted):
    assert faults(wanted, wanted.answer) == []


@pytest.mark.parametrize("wanted", NAMED)
def test_no_word_that_is_asked_for_may_be_missing(wanted):
    for part in wanted.must:
        without = re.sub(rf"(?<!\w)(?:{part})(?!\w)", "", wanted.answer, flags=re.IGNORECASE)
        assert without != wanted.answer
        assert faults(wanted, without) != []


@pytest.mark.parametrize("wanted", NAMED)
def test_the_french_itself_is_no_translation(wanted):
    assert faults(wanted, wanted.french) != []


@pytest.mark.parametrize(
    ("french", "output", "fault"),
    [
        ("Le chat noir", "The black cat cat", "says cat twice"),
        ("Un chien", "A dog dog a dog.", "has dog.*dog"),
        ("L'homme ne sourit pas", "The man is smiling", "lacks its negation"),
        ("Des gens mangent de la pizza", "People are eating la.", "copies la"),
        ("Pierre et Marie dansent.", "Stone couple and couple are dancing.", "lacks Pierre"),
        ("Le chien dort. Le chat mange.", "The dog is sleeping.", "lacks cat"),
        ("Un homme en costume", "A man in a hat", "lacks suit|costume"),
    ],
)
def test_mistakes_that_were_seen_are_named(french, output, fault):
    assert fault in faults(of(french), output)


@pytest.mark.parametrize("output", ["A man in a suit", "a man wearing a costume.", "A MAN IN A SUIT."])
def test_other_right_answers_pass(output):
    assert faults(of("Un homme en costume"), output) == []


@pytest.mark.parametrize("word", ["not", "isn't", "Nobody", "without"])
def test_a_negation_is_a_word_of_its_own(word):
    assert has(f"The man {word} here", NEGATION)
    assert not has("The knot of the notary", NEGATION)


def test_the_figure_counts_every_input_once(capsys):
    main(["fr-en"])
    *_, kinds, totals = capsys.readouterr().out.strip().split("\n\n")
    counted = [tuple(map(int, re.search(r"(\d+) of (\d+)", line).groups())) for line in kinds.splitlines()]
    asked = [line for line in kinds.splitlines() if "not counted" in line]
    assert sum(of_all for _, of_all in counted) == len(INPUTS)
    good, of_all = map(int, re.search(r"all: (\d+) of (\d+)", totals).groups())
    questions = [tuple(map(int, re.search(r"(\d+) of (\d+)", line).groups())) for line in asked]
    assert (good, of_all) == tuple(sum(c[k] for c in counted) - sum(q[k] for q in questions) for k in (0, 1))
    assert re.search(r"negation kept: \d+ of \d+", totals)

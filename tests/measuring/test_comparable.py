"""Wrong input gets an error that says what is meant, whichever measure it is given to, and never a number."""

import inspect

import pytest
import torch

from s2s_lib.measuring.scores import alignment_error_rate, bleu, chrf, exact_match, hard_alignment, lcs_recall

TEXTS, TOKENS = ["the cat sat on the mat", "a dog"], [["the", "cat"], ["a", "dog"]]
OF_TEXTS, OF_TOKENS = [bleu, chrf], [exact_match, lcs_recall]
NO_SENTENCES = [
    pytest.param([], [], "no sentence", id="none at all"),
    pytest.param([], TEXTS, "0 and 2", id="no hypothesis"),
    pytest.param(TEXTS, TEXTS[:1], "2 and 1", id="a reference missing"),
    pytest.param(TEXTS[:1], TEXTS, "1 and 2", id="a hypothesis missing"),
    pytest.param(TEXTS[0], TEXTS[0], "hypotheses is one text", id="two strings"),
    pytest.param(TEXTS[:1], TEXTS[0], "references is one text", id="a string for a list"),
    pytest.param(set(TEXTS), TEXTS, "hypotheses is a set", id="a set"),
    pytest.param(dict.fromkeys(TEXTS), TEXTS, "hypotheses is a dict", id="a dictionary"),
    pytest.param(None, TEXTS, "hypotheses is a NoneType|hint", id="nothing"),
]


def bare(function):
    """Take a function without the check of shapes that the tests put around it: its own error is asked for."""
    return inspect.unwrap(function)


@pytest.mark.parametrize("measure", OF_TEXTS + OF_TOKENS)
@pytest.mark.parametrize(("hypotheses", "references", "said"), NO_SENTENCES)
def test_two_lists_of_as_many_sentences_are_asked_for(measure, hypotheses, references, said):
    with pytest.raises((ValueError, TypeError), match=said):
        bare(measure)(hypotheses, references)


@pytest.mark.parametrize("measure", OF_TEXTS)
@pytest.mark.parametrize("odd", [["a", "dog"], ("a", "dog"), 5, None, b"a dog", [["a dog"]]])
def test_a_measure_of_texts_names_what_is_no_text(measure, odd):
    for hypotheses, references, where in (([*TEXTS, odd], [*TEXTS, "x"], "hyp"), ([*TEXTS, "x"], [*TEXTS, odd], "ref")):
        with pytest.raises(TypeError, match=rf"{where}\w+\[2\].*detokenize"):
            bare(measure)(hypotheses, references)
    with pytest.raises(TypeError, match=r"references\[0\] is a list"):
        bare(measure)(TEXTS[:1], [TEXTS[:1]])  # as sacrebleu itself wants it


@pytest.mark.parametrize("measure", OF_TOKENS)
@pytest.mark.parametrize("odd", ["a dog", [4, 5], torch.tensor([4, 5]), 5, None, {"a", "dog"}, [["a"], ["dog"]]])
def test_a_measure_of_tokens_names_what_is_no_list_of_tokens(measure, odd):
    other = ["x"]
    for pair, where in (((odd, other), "hypotheses"), ((other, odd), "references")):
        hypotheses, references = ([*TOKENS, one] for one in pair)
        with pytest.raises(TypeError, match=rf"{where}\[2\].*tokens"):
            bare(measure)(hypotheses, references)


@pytest.mark.parametrize("measure", OF_TOKENS)
def test_an_end_left_on_one_side_would_make_every_sentence_wrong(measure):
    ended = [[*sentence, "<eos>"] for sentence in TOKENS]
    for sides in ((ended, TOKENS), (TOKENS, ended)):
        with pytest.raises(ValueError, match="<eos>"):
            measure(*sides)
    assert measure(ended, ended) == 1


@pytest.mark.parametrize(("measure", "sentences"), [(m, TEXTS) for m in OF_TEXTS] + [(m, TOKENS) for m in OF_TOKENS])
def test_a_generator_is_as_good_as_a_list(measure, sentences):
    assert measure(iter(sentences), (one for one in sentences)) == measure(sentences, sentences)


@pytest.mark.parametrize("measure", OF_TEXTS)
def test_references_without_a_word_are_refused_and_empty_translations_are_not(measure):
    with pytest.raises(ValueError, match="no reference has a word"):
        measure(["a", "b"], ["", " "])
    assert measure(["", ""], TEXTS) == 0


def test_no_token_among_the_references_leaves_nothing_to_recall():
    with pytest.raises(ValueError, match="nothing to recall"):
        lcs_recall([["a"]], [[]])
    assert lcs_recall([[]], [["a"]]) == 0


WRONG_LINKS = [
    pytest.param({(0, 0)}, "is a set", id="one alignment for a list of them"),
    pytest.param("0-0 1-1", "one text", id="a string for the list"),
    pytest.param(["0-0"], r"\[0\] is a str", id="Pharaoh's format"),
    pytest.param([None], r"\[0\] is a NoneType", id="an unknown alignment"),
    pytest.param([{0, 1}], r"\[0\] holds [01]: a link is a pair", id="no pairs"),
    pytest.param([{(0, 1, 2)}], r"\(0, 1, 2\)", id="three positions"),
    pytest.param([[(0.5, 1)]], r"\(0\.5, 1\)", id="half a position"),
    pytest.param([[("a", "b")]], "a link is a pair", id="words"),
    pytest.param([{(-1, 0)}], "counted from 0", id="below 0"),
    pytest.param([{(0, 0)}, {(1, 1)}], "2 and 1|1 and 2", id="one too many"),
]


@pytest.mark.parametrize(("given", "said"), WRONG_LINKS)
def test_alignments_are_sets_of_pairs_one_for_each_sentence(given, said):
    right = [{(0, 0)}]
    for sides in ((given, right), (right, given)):
        with pytest.raises((ValueError, TypeError), match=said):
            bare(alignment_error_rate)(*sides)


def test_a_link_given_twice_counts_once():
    twice = [[(0, 0), [0, 0], (1, 1)]]
    assert bare(alignment_error_rate)(twice, iter([iter([(0, 0), (1, 1)])])) == 0


WRONG_HEATMAPS = [
    pytest.param(torch.ones(1, 2, 2), "one sentence", id="a batch"),
    pytest.param(torch.ones(3), "one sentence", id="one row"),
    pytest.param(torch.ones(3, 0), "one sentence", id="no source"),
    pytest.param(torch.tensor([[0.5, float("nan")]]), "NaN", id="not a number"),
    pytest.param([[0.5, 0.5]], "weights is a list", id="a list"),
]


@pytest.mark.parametrize(("weights", "said"), WRONG_HEATMAPS)
def test_a_heatmap_is_a_matrix_of_one_sentence(weights, said):
    with pytest.raises((ValueError, TypeError), match=said):
        bare(hard_alignment)(weights)


def test_no_output_token_aligns_with_nothing():
    assert hard_alignment(torch.ones(0, 3)) == set()

"""Translators and traces: what is shown is what happened, and an edit changes what follows and nothing before."""

import math

import pytest
import tiny
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from s2s_lib.corpora.text import EOS, SOS, SPECIALS, UNK
from s2s_lib.corpora.vocab import Vocab
from s2s_lib.learning.checkpoints import CheckpointError, save_model
from s2s_lib.model.attention import Attention, DotScore, Operands
from s2s_lib.model.decoder import Decoder, writable
from s2s_lib.model.encoder import Encoder
from s2s_lib.model.seq2seq import Seq2Seq
from s2s_lib.translating import translator as module
from s2s_lib.translating.decoding import beam_search
from s2s_lib.translating.trace import checked_edits
from s2s_lib.translating.translator import NotReached, Rules, Translator, shipped

FRENCH = ["l'", "le", "la", "chat", "souris", "noir", "mange", "voit", "et", "un", "."]
ENGLISH = ["the", "cat", "mouse", "black", "eats", "sees", "and", "a", "."]
TEXT = "Le chat noir voit la souris."
TEXTS = ["La souris mange.", "", TEXT, "un zèbre voit le chat et la girafe", "...", "  ", "Noir", TEXT]


def translator(attention="general", *, ends=1.0, tokenizer="words", **kind):
    """Join an untrained model and small vocabularies; `ends` makes <eos> likelier, so that sentences end."""
    letters = sorted(set("".join(FRENCH + ENGLISH) + " LTÉ"))
    src, trg = (Vocab([*SPECIALS, *(letters if tokenizer == "characters" else words)]) for words in (FRENCH, ENGLISH))
    model = tiny.model(attention, src_vocab=len(src), trg_vocab=len(trg), **kind)
    with torch.no_grad():
        model.decoder.output.bias[EOS] += ends
    return Translator(model, src, trg, tokenizer=tokenizer)


def likes(token, attention="general", **kind):
    """Build a translator that says nothing but `token`."""
    built = translator(attention, **kind)
    with torch.no_grad():
        built.model.decoder.output.bias[token] += 1000
    return built


def close(given, expected, atol=1e-5):
    torch.testing.assert_close(given, expected, atol=atol, rtol=0)


@pytest.mark.parametrize("attention", tiny.LOOKING)
@pytest.mark.parametrize("beam_size", [1, 3])
def test_a_trace_fits_together(attention, beam_size):
    built = translator(attention)
    trace = built.translate(TEXT, beam_size)
    steps, length = len(trace.trg), len(trace.src)
    assert trace.kind == attention
    assert trace.src == ("Le", "chat", "noir", "voit", "la", "souris", ".")
    assert trace.weights.shape == trace.scores.shape == (steps, length)
    assert trace.states.shape == (length, 8)
    assert trace.queries.shape == trace.contexts.shape == (steps, 8)
    close(trace.weights.sum(1), torch.ones(steps))
    close(trace.scores.softmax(1), trace.weights)
    close(trace.weights @ trace.states, trace.contexts)
    close(trace.entropy, -(trace.weights * trace.weights.log()).sum(1))
    if attention != "fixed":
        close(built.model.decoder.attention.score(trace.queries[None], trace.states[None])[0], trace.scores)


@pytest.mark.parametrize("attention", tiny.ATTENTIONS)
def test_greedy_output_is_the_first_candidate_of_every_step(attention):
    trace = translator(attention).translate(TEXT)
    assert [candidates[0][0] for candidates in trace.candidates] == [
        "<unk>" if copied else token for token, copied in zip(trace.trg, trace.copied, strict=True)
    ]
    for candidates in trace.candidates:
        probabilities = [p for _, p in candidates]
        assert len(candidates) == 5
        assert probabilities == sorted(probabilities, reverse=True)
        assert 0 < sum(probabilities) <= 1 + 1e-5
        assert not {"<pad>", "<sos>"} & {token for token, _ in candidates}


def test_candidates_can_all_be_written_in_a_small_vocabulary_too():
    src, trg = Vocab([*SPECIALS, "a"]), Vocab([*SPECIALS, "b"])
    built = Translator(tiny.model(src_vocab=5, trg_vocab=5), src, trg)
    for candidates in built.translate("a").candidates:
        assert {token for token, _ in candidates} == {"<unk>", "<eos>", "b"}
        assert sum(p for _, p in candidates) == pytest.approx(1, abs=1e-5)


def test_a_translation_ends_with_eos_and_its_text_does_not():
    trace = likes(EOS).translate(TEXT)
    assert trace.trg == ("<eos>",)
    assert trace.text == ""
    endless = likes(5).translate(TEXT, max_len=3)
    assert endless.trg == ("cat", "cat", "cat")
    assert endless.text == "Cat cat cat"


def test_without_attention_a_trace_has_no_weights():
    trace = likes(UNK, None).translate(TEXT, max_len=3)
    assert (trace.kind, trace.weights, trace.scores, trace.contexts, trace.entropy) == (None,) * 5
    assert trace.trg == ("<unk>",) * 3
    assert not any(trace.copied)
    assert trace.states.shape == (7, 8)


def same(first, second):
    """Tell whether two traces show the same, to the last bit."""
    assert (first.src, first.trg, first.text, first.candidates) == (
        second.src,
        second.trg,
        second.text,
        second.candidates,
    )
    for part in ("weights", "scores", "contexts", "states", "queries"):
        assert torch.equal(getattr(first, part), getattr(second, part))
    return True


@pytest.mark.parametrize("attention", tiny.LOOKING)
def test_setting_a_row_to_its_own_weights_changes_nothing(attention):
    built = translator(attention, ends=-1.0)
    trace = built.translate(TEXT)
    for step in range(0, len(trace.trg), 4):
        assert same(built.translate(TEXT, edits={step: trace.weights[step].tolist()}), trace)
    every = dict(enumerate(trace.weights.tolist()))
    assert same(built.translate(TEXT, edits=every), trace)


@pytest.mark.parametrize("attention", tiny.LOOKING)
def test_an_edit_changes_its_step_and_what_follows_and_nothing_before(attention):
    built = translator(attention, ends=-1.0)
    trace, step = built.translate(TEXT), 3
    edited = built.translate(TEXT, edits={step: [0, 0, 0, 0, 0, 0, 4]})
    assert edited.trg[:step] == trace.trg[:step]
    assert edited.edited == (step,)
    close(edited.weights[:step], trace.weights[:step])
    assert edited.weights[step].tolist() == [0, 0, 0, 0, 0, 0, 1]
    close(edited.contexts[step], trace.states[6])
    assert edited.candidates[step] != trace.candidates[step]
    close(edited.scores[step], trace.scores[step])  # what the model thought; the edit overrules it
    close(edited.weights @ edited.states, edited.contexts)
    said = [candidates[0][0] for candidates in edited.candidates]
    assert said == ["<unk>" if copied else token for token, copied in zip(edited.trg, edited.copied, strict=True)]


def test_an_edit_changes_the_words_after_it():
    built = translator("dot", ends=-1.0, seed=1)
    trace = built.translate(TEXT)
    outcomes = {built.translate(TEXT, edits={0: row}).trg for row in torch.eye(7).tolist()}
    assert len(outcomes | {trace.trg}) > 1
    assert any(trg[1:] != trace.trg[1:] for trg in outcomes)


def test_edits_and_a_forced_output_go_together():
    built = translator()
    trace = built.translate(TEXT, forced="the black cat", edits={1: [1, 0, 0, 0, 0, 0, 0]})
    plain = built.translate(TEXT, forced="the black cat")
    assert trace.trg == plain.trg == ("the", "black", "cat", "<eos>")
    assert trace.weights[1].tolist() == [1, 0, 0, 0, 0, 0, 0]
    close(trace.weights[[0, 2, 3]], plain.weights[[0, 2, 3]])


@given(st.lists(st.just(0.0) | st.floats(1e-30, 3e38), min_size=1, max_size=6).filter(any))
def test_edited_weights_become_a_distribution(weights):
    (row,) = checked_edits({2: weights}, len(weights)).values()
    assert row.sum().item() == pytest.approx(1, abs=1e-5)
    largest = max(weights)
    share = [weight / largest for weight in weights]
    assert row.tolist() == pytest.approx([part / sum(share) for part in share], abs=1e-5)


BAD = {
    "too few": {0: [1.0]},
    "too many": {0: [1.0] * 8},
    "none": {0: []},
    "below zero": {0: [1, 1, 1, 1, 1, 1, -0.1]},
    "all zero": {0: [0.0] * 7},
    "not a number": {0: [math.nan] * 7},
    "infinite": {0: [math.inf, 0, 0, 0, 0, 0, 0]},
    "a step before the first": {-1: [1.0] * 7},
}


@pytest.mark.parametrize("edits", BAD.values(), ids=BAD)
def test_bad_edits_are_refused(edits):
    with pytest.raises(ValueError, match="edit of step"):
        translator().translate(TEXT, edits=edits)


def test_edits_without_attention_are_refused():
    with pytest.raises(ValueError, match="no attention"):
        translator(None).translate(TEXT, edits={0: [1.0] * 7})


ROW = [1.0] * 7
UNREACHED = {
    "weights": {"edits": {0: ROW, 5: ROW}},
    "a word": {"words": {5: "cat"}},
    "both": {"edits": {0: ROW}, "words": {5: "cat"}},
    "weights of a given output": {"forced": "the cat", "edits": {5: ROW}},
    "a word beyond the limit": {"words": {5: "cat"}, "max_len": 5},
}


@pytest.mark.parametrize("by_hand", UNREACHED.values(), ids=UNREACHED)
def test_what_is_set_for_a_step_that_never_came_is_an_error_that_names_it(by_hand):
    with pytest.raises(NotReached, match=r"never reached: step 5 \(counted from 0\)") as raised:
        likes(EOS).translate(TEXT, **by_hand)
    assert raised.value.steps == {5}
    with pytest.raises(ValueError, match="step"):
        likes(EOS).translate("", **by_hand)


@pytest.mark.parametrize("max_len", [0, -2])
@pytest.mark.parametrize("edits", [None, {0: [1.0] * 7}], ids=["plain", "edited"])
def test_a_length_below_one_is_refused(max_len, edits):
    with pytest.raises(ValueError, match="max_len"):
        translator().translate(TEXT, edits=edits, max_len=max_len)


@pytest.mark.parametrize("attention", tiny.ATTENTIONS)
def test_a_forced_output_is_what_the_trace_shows(attention):
    built = translator(attention)
    trace = built.translate(TEXT, forced=("the", "cat", "sees", "a", "mouse"), gold={(0, 0), (1, 1)})
    assert trace.trg == ("the", "cat", "sees", "a", "mouse", "<eos>")
    assert trace.text == "The cat sees a mouse"
    assert trace.gold == {(0, 0), (1, 1)}
    assert len(trace.candidates) == 6


@pytest.mark.parametrize("attention", ["dot", None])
def test_forcing_the_models_own_output_changes_nothing(attention):
    built = translator(attention)
    own = built.translate(TEXT)
    forced = built.translate(TEXT, forced=[t for t in own.trg if t != "<eos>"])
    assert not any(own.copied)
    assert forced.trg[: len(own.trg)] == own.trg
    for one, other in zip(own.candidates, forced.candidates, strict=False):
        assert [token for token, _ in one] == [token for token, _ in other]


def test_an_unknown_word_of_a_forced_output_is_not_replaced_by_a_source_word():
    trace = translator().translate(TEXT, forced="the zebra sees")
    assert trace.trg == ("the", "zebra", "sees", "<eos>")
    assert not any(trace.copied)


@pytest.mark.parametrize("beam_size", [1, 3])
@pytest.mark.parametrize("attention", tiny.ATTENTIONS)
def test_many_sentences_equal_one_by_one_in_their_order(attention, beam_size, monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE", 3)
    built = translator(attention)
    together = built.translate_many(iter(TEXTS), beam_size)
    alone = [built.translate(text, beam_size) for text in TEXTS]
    assert [trace.src for trace in together] == [tuple(built.split(text)) for text in TEXTS]
    for many, one in zip(together, alone, strict=True):
        for part in ("src", "trg", "text", "copied", "unknown"):
            assert getattr(many, part) == getattr(one, part)
        assert [[w for w, _ in step] for step in many.candidates] == [[w for w, _ in step] for step in one.candidates]
        close(many.states, one.states)
        if attention is not None and one.src:
            close(many.weights, one.weights)
            close(many.scores, one.scores, atol=1e-4)
    assert built.translate_many([]) == []


def test_nothing_to_translate_gives_an_empty_trace():
    for text in ("", "  \n", []):
        trace = translator().translate(text)
        assert (trace.src, trace.trg, trace.text, trace.candidates) == ((), (), "", ())


def test_an_unknown_word_is_copied_from_where_the_decoder_looks():
    built = likes(UNK)
    trace = built.translate("le Zébulon mange un zèbre", max_len=4)
    assert trace.unknown == (False, True, False, False, True)
    assert trace.copied == (True,) * 4
    assert trace.trg == tuple(trace.src[position] for position in trace.weights.argmax(1).tolist())
    assert trace.text.split()[-1].casefold() == trace.trg[-1].casefold()
    position = {0: [0, 1, 0, 0, 0]}
    assert built.translate("le Zébulon mange un zèbre", edits=position, max_len=4).trg[0] == "Zébulon"


def test_a_word_is_known_in_any_case():
    trace = translator().translate("LE Chat zèbre")
    assert trace.src == ("LE", "Chat", "zèbre")
    assert trace.unknown == (False, False, True)
    assert torch.equal(trace.states, translator().translate("le chat zèbre").states)


def test_a_word_that_looks_like_padding_is_an_unknown_word():
    built = translator()
    odd, plain = (built.translate(["le", word, "chat"]) for word in ("<pad>", "zèbre"))
    assert odd.unknown == (False, True, False)
    assert torch.equal(odd.states, plain.states)


def test_characters_are_translated_one_by_one_and_keep_their_case():
    built = translator(tokenizer="characters")
    trace = built.translate(" Le chat ")
    assert trace.src == tuple("Le chat")
    assert trace.unknown == (False,) * 7
    assert trace.text == "".join(token for token in trace.trg if token != "<eos>")
    assert built.translate("LE").unknown == (False, True)
    with pytest.raises(ValueError, match=r"bytes.*words.*characters"):
        Translator(built.model, built.src_vocab, built.trg_vocab, tokenizer="bytes")


def test_a_beam_shows_the_best_hypothesis():
    built = translator(ends=0.0)
    for text in (TEXT, "Un chat mange."):
        src = torch.tensor([built.src_vocab.encode(token.lower() for token in built.split(text))])
        ((best, *_),) = beam_search(built.model, src, src > 0, beam_size=4, max_len=5)
        trace = built.translate(text, beam_size=4, max_len=5)
        assert built.trg_vocab.encode(trace.trg) == [*best.tokens, *[EOS] * best.finished]


@pytest.mark.parametrize("length_penalty", [0.0, 1.0])
def test_a_trace_knows_how_likely_its_output_is(length_penalty):
    for seed in range(5):
        built = translator(seed=seed, ends=0)
        src = torch.tensor([built.encode(TEXT, "")[0]])
        ((best, *_),) = beam_search(built.model, src, src > 0, 4, 5, length_penalty)
        trace = built.translate(TEXT, 4, max_len=5, length_penalty=length_penalty)
        assert trace.log_prob == pytest.approx(best.log_prob, abs=1e-4)
        many = built.translate_many([TEXT], 4, max_len=5, length_penalty=length_penalty)
        assert many[0].trg == trace.trg


def test_a_length_penalty_of_0_favours_the_short():
    lengths = {
        p: sum(len(translator(seed=s, ends=0).translate(TEXT, 4, length_penalty=p).trg) for s in range(8))
        for p in (0.0, 2.0)
    }
    assert lengths[0.0] < lengths[2.0]


def test_what_is_shown_is_the_same_everywhere():
    built = translator()
    assert repr(built) == "Translator(attention='general', 15 -> 13 words)"
    assert repr(likes(EOS).translate(TEXT)) == "Trace('Le chat noir voit la souris .' -> '', attention='general')"


@pytest.mark.parametrize("attention", ["concat", None])
@pytest.mark.parametrize("tokenizer", ["words", "characters"])
def test_a_saved_translator_translates_alike(attention, tokenizer, tmp_path):
    built = translator(attention, tokenizer=tokenizer)
    built.about = "été 한국어"
    built.save(tmp_path / "mine.safetensors")
    for name in (tmp_path / "mine.safetensors", str(tmp_path / "mine.safetensors")):
        loaded = Translator.load(name)
        assert (loaded.src_vocab, loaded.trg_vocab) == (built.src_vocab, built.trg_vocab)
        assert [vocab.tokenizer for vocab in loaded.vocabs] == [vocab.tokenizer for vocab in built.vocabs]
        assert {vocab.tokenizer.name for vocab in loaded.vocabs} == {tokenizer}
        assert (loaded.about, loaded.kind, loaded.rules) == ("été 한국어", attention, built.rules)
        assert loaded.translate(TEXT).candidates == built.translate(TEXT).candidates


def test_a_translator_that_does_not_exist_is_named_with_those_that_do(monkeypatch, tmp_path):
    translator().save(tmp_path / "fr-en-tiny.safetensors")
    monkeypatch.setattr(module, "SHIPPED", tmp_path)
    assert shipped() == ["fr-en-tiny"]
    assert Translator.load("fr-en-tiny").kind == "general"
    with pytest.raises(FileNotFoundError, match=r"klingon.*fr-en-tiny"):
        Translator.load("klingon")


def test_a_model_without_vocabularies_is_no_translator(tmp_path):
    save_model(tmp_path / "bare", tiny.model(), {})
    with pytest.raises(CheckpointError, match="bare"):
        Translator.load(tmp_path / "bare")


def test_vocabularies_of_another_size_than_the_model_are_refused():
    built = translator()
    with pytest.raises(ValueError, match="vocabular"):
        Translator(built.model, built.trg_vocab, built.src_vocab)


def test_translating_leaves_no_gradient_and_no_randomness_behind():
    built, before = translator(dropout=0.5), torch.get_rng_state()
    first, second = built.translate(TEXT), built.translate(TEXT)
    assert same(first, second)
    assert not first.weights.requires_grad
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("pair", [(3, 0), (0, 2), (-1, 0)])
def test_a_gold_pair_outside_the_given_sentences_is_an_error(pair):
    translator = tiny.translator()
    with pytest.raises(ValueError, match="inside the sentences"):
        translator.translate("a b c", forced="x y", gold={(0, 0), pair})
    assert translator.translate("a b c", forced="x y", gold={(2, 1)}).gold == {(2, 1)}


@pytest.mark.parametrize("beam_size", [None, 3])
@pytest.mark.parametrize("given", [{}, {"forced": "the cat"}, {"edits": {0: ROW}}], ids=["free", "forced", "edited"])
def test_gold_outside_the_sentences_is_an_error_on_every_path(given, beam_size, unchecked):
    if given and beam_size:
        return
    built = translator()
    trace = built.translate(TEXT, beam_size, **given, gold={(6, 0)})
    assert trace.gold == {(6, 0)}
    for outside in ((99, 99), (7, 0), (0, len(trace.trg)), (0, 1, 2), (0, -1)):
        with pytest.raises(ValueError, match="inside the sentences"):
            built.translate(TEXT, beam_size, **given, gold={(0, 0), outside})
    with pytest.raises(ValueError, match="inside the sentences"):
        built.translate("", gold={(0, 0)})


def test_a_word_set_by_hand_is_written_and_what_follows_is_decided_by_it():
    built = translator("dot", ends=-1.0, seed=1)
    with torch.no_grad():
        built.model.decoder.output.bias[UNK] -= 1000  # what is carried over might be a word of the target language
    trace = built.translate(TEXT)
    outcomes = set()
    for word in ENGLISH:
        chosen = built.translate(TEXT, words={2: word})
        assert chosen.trg[:2] == trace.trg[:2]
        assert chosen.trg[2] == word
        assert (chosen.chosen, chosen.edited) == ((2,), ())
        assert chosen.candidates[2] == trace.candidates[2]  # what the model thought; the word overrules it
        outcomes.add(chosen.trg[3:])
        again = built.translate(TEXT, forced=[token for token in chosen.trg if token != "<eos>"])
        assert [step[0][0] for step in again.candidates[3 : len(chosen.trg)]] == list(chosen.trg[3:])
    assert len(outcomes) > 1


def test_the_models_own_words_set_by_hand_change_nothing():
    built = translator(ends=-1.0)
    trace = built.translate(TEXT)
    assert not any(trace.copied)
    assert same(built.translate(TEXT, words=dict(enumerate(trace.trg))), trace)


def test_words_and_weights_go_together_and_an_end_can_be_set():
    built = translator(ends=-1.0)
    trace = built.translate(TEXT, words={1: "Cat", 3: "<eos>"}, edits={2: [0, 0, 0, 0, 0, 0, 1]})
    assert (trace.trg[1], trace.trg[3:]) == ("Cat", ("<eos>",))
    assert trace.weights[2].tolist() == [0, 0, 0, 0, 0, 0, 1]
    assert (trace.chosen, trace.edited) == ((1, 3), (2,))
    unknown = built.translate(TEXT, words={1: "zebra"})
    assert unknown.trg[1] == "zebra"
    assert not unknown.copied[1]


@pytest.mark.parametrize("words", [{0: "two words"}, {0: 5}, {0: ""}, {-1: "cat"}, {"0": "cat"}, {0: ["cat"]}], ids=str)
def test_a_step_takes_one_word(words, unchecked):
    with pytest.raises(ValueError, match="words: "):
        translator().translate(TEXT, words=words)


TOGETHER = [{"forced": "the cat", "words": {0: "cat"}}, {"edits": {0: ROW}}, {"words": {0: "cat"}}, {"forced": "a"}]


@pytest.mark.parametrize("given", TOGETHER, ids=str)
def test_what_does_not_go_together_is_refused(given):
    beam = {} if len(given) == 2 else {"beam_size": 3}
    with pytest.raises(ValueError, match=r"forced|greedily"):
        translator().translate(TEXT, **given, **beam)


SENTENCES = {
    "one sentence for several": (lambda built: built.translate_many("le chat"), TypeError, "use translate"),
    "several for one": (lambda built: built.translate(["le chat dort.", "un chien"]), ValueError, "translate_many"),
    "several to compare": (lambda built: built.translate("le", forced=["the cat", "a"]), ValueError, "translate_many"),
    "a number": (lambda built: built.translate(3), TypeError, "text or a list of tokens"),
    "nothing": (lambda built: built.translate(None), TypeError, "text or a list of tokens"),
    "bytes": (lambda built: built.translate(b"le chat"), TypeError, "text or a list of tokens"),
    "numbers for tokens": (lambda built: built.translate([4, 5]), TypeError, "tokens are strings"),
    "a list of lists": (lambda built: built.translate([["le", "chat"]]), TypeError, "tokens are strings"),
    "sentences for n-best": (lambda built: built.n_best(["le chat", "un chien noir"]), ValueError, "translate_many"),
    "a fraction of a beam": (lambda built: built.translate(TEXT, 2.5), TypeError, "beam_size"),
    "no beam": (lambda built: built.translate(TEXT, 0), ValueError, "beam_size"),
    "half a word": (lambda built: built.translate(TEXT, max_len=2.5), TypeError, "max_len"),
    "a penalty that is none": (lambda built: built.translate(TEXT, 3, length_penalty=math.nan), ValueError, "penalty"),
    "a penalty beyond all": (lambda built: built.translate_many([TEXT], 3, None, 1e6), ValueError, "length_penalty"),
}


@pytest.mark.parametrize(("call", "kind", "words"), SENTENCES.values(), ids=SENTENCES)
def test_what_is_no_sentence_or_setting_is_refused_in_words(call, kind, words, unchecked):
    with pytest.raises(kind, match=words):
        call(translator())


def test_the_n_best_are_ordered_by_the_penalty_that_is_given():
    orders = set()
    for seed in range(5):
        built = translator(seed=seed, ends=3.0)
        for length_penalty in (0.0, 1.0, 3.0):
            traces = built.n_best(TEXT, 4, max_len=6, length_penalty=length_penalty)
            scores = [trace.log_prob / len(trace.trg) ** length_penalty for trace in traces]
            assert scores == pytest.approx(sorted(scores, reverse=True), abs=1e-5)
            orders.add((seed, *(trace.trg for trace in traces)))
    assert len(orders) > 5, "and another penalty gives another order"


def test_a_token_may_hold_blanks_where_it_is_no_sentence():
    """Of a vocabulary that knows such a word, or one that no part of is known."""
    built = translator()
    assert built.translate(["le", "<img src=x>"]).src == ("le", "<img src=x>")
    known = Vocab([*built.src_vocab.tokens[:-1], "le chat"])
    assert Translator(built.model, known, built.trg_vocab).translate(["le chat", "mange"]).unknown == (False, False)
    for several in (["le chat dort."], ["Bonjour", "le chat dort."], ["zut", "un zèbre"]):
        with pytest.raises(ValueError, match="translate_many"):
            built.translate(several)


def test_n_best_are_the_hypotheses_of_the_beam_best_first():
    built = translator(ends=0.0)
    src = torch.tensor([built.encode(TEXT, "")[0]])
    for length_penalty in (0.0, 1.0):
        (found,) = beam_search(built.model, src, src > 0, 4, 5, length_penalty)
        traces = built.n_best(TEXT, 4, max_len=5, length_penalty=length_penalty)
        assert [built.trg_vocab.encode(trace.trg) for trace in traces] == [
            [*each.tokens, *[EOS] * each.finished] for each in found
        ]
        assert [trace.log_prob for trace in traces] == pytest.approx([each.log_prob for each in found], abs=1e-4)
        for trace in traces:
            alone = built.translate(TEXT, forced=[token for token in trace.trg if token != "<eos>"])
            close(trace.weights, alone.weights[: len(trace.trg)])
    assert [trace.trg for trace in built.n_best(" ", 4)] == [()]


def test_rules_decide_where_the_caller_says_nothing_and_are_kept_in_the_file(tmp_path):
    plain = translator(ends=0.0)
    ruled = Translator(plain.model, *plain.vocabs, rules=Rules(beam_size=4, max_len=5, length_penalty=0.0))
    assert same(ruled.translate(TEXT), plain.translate(TEXT, 4, max_len=5, length_penalty=0.0))
    assert same(ruled.translate(TEXT, 1), plain.translate(TEXT, max_len=5))
    assert ruled.translate_many([TEXT], max_len=2)[0].trg == plain.translate(TEXT, 4, max_len=2, length_penalty=0.0).trg
    ruled.save(tmp_path / "ruled")
    assert Translator.load(tmp_path / "ruled").rules == ruled.rules


def dropping(training):
    """Build a translator whose model drops out half of everything, and is in training or not."""
    built = translator(dropout=0.5, ends=0.0)
    built.model.train(training)
    return built


DOORS = {
    "translate": lambda built: built.translate(TEXT).log_prob,
    "forced": lambda built: built.translate(TEXT, forced="the cat").log_prob,
    "edits": lambda built: built.translate(TEXT, edits={0: ROW}).log_prob,
    "words": lambda built: built.translate(TEXT, words={0: "cat"}).log_prob,
    "beam": lambda built: built.translate(TEXT, 3).log_prob,
    "many": lambda built: built.translate_many([TEXT, "le chat"])[0].log_prob,
    "n_best": lambda built: [trace.log_prob for trace in built.n_best(TEXT, 3)],
}


@pytest.mark.parametrize("call", DOORS.values(), ids=DOORS)
def test_a_model_in_training_translates_without_dropout_and_stays_in_training(call):
    built = dropping(True)
    first = call(built)
    assert call(built) == first == call(dropping(False))
    assert all(part.training for part in built.model.modules())


class Cosine(nn.Module):
    """A score of one's own that explains itself."""

    formula = "e_ts = w cos(h_t, h̄_s)"

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.tensor(3.0))

    def forward(self, query, keys):
        return self.w * (F.normalize(query, dim=-1) @ F.normalize(keys, dim=-1).mT)

    def operands(self, query, keys):
        return Operands(self.w * F.normalize(query, dim=-1), F.normalize(keys, dim=-1))


EVERY = [
    pytest.param({"attention": attention, "order": order}, id=f"{attention}-{order}")
    for attention in (*tiny.LOOKING, Cosine)
    for order in ("luong", "bahdanau")
]


def of(kind, **more):
    """Build a translator; an own attention is made anew."""
    attention = kind["attention"]
    made = attention() if isinstance(attention, type) else attention
    return translator(made, **{**more, "order": kind["order"]})


@pytest.mark.parametrize("kind", EVERY)
def test_a_trace_tells_the_truth_about_every_attention(kind):
    built = of(kind, ends=-1.0)
    for trace in (built.translate(TEXT), built.translate(TEXT, 3), built.translate(TEXT, forced="the black cat")):
        assert trace.kind == (kind["attention"] if isinstance(kind["attention"], str) else "Cosine")
        score = built.model.decoder.attention.score
        close(score(trace.queries[None], trace.states[None])[0], trace.scores, atol=1e-4)
        close(trace.scores.softmax(1), trace.weights)
        close(trace.weights @ trace.states, trace.contexts)
        if trace.operands is None:
            assert kind["attention"] == "fixed"
        else:
            close(trace.operands.total(), trace.scores, atol=1e-4)
        logits = built.model.decoder.predict(trace.hidden[None], trace.contexts[None])[0]
        probabilities = writable(logits).softmax(1).max(1).values
        close(probabilities, torch.tensor([step[0][1] for step in trace.candidates]))
        first = kind["order"] == "bahdanau"
        assert (trace.attends_first, trace.query) == (first, "h_{t−1}" if first else "h_t")
        assert ("t−1" in trace.formula) == (first and "h_t" in trace.formula.replace("h_{t−1", "h_t"))
        if first:
            close(trace.queries[1:], trace.hidden[:-1])
        else:
            close(trace.queries, trace.hidden)


@pytest.mark.parametrize("kind", EVERY)
def test_an_edit_is_a_real_decode_in_every_order(kind):
    """Weights set by hand, against a loop that puts them into a single step of the decoder."""
    built, step = of(kind, ends=-1.0, seed=2), 1
    row = torch.eye(7)[5]
    model, src = built.model, torch.tensor([built.encode(TEXT, "")[0]])
    memory = model.encoder(src, src > 0)
    state, token, written, hidden = memory.initial, torch.tensor([[SOS]]), [], []
    for t in range(24):
        edits = (row.view(1, 1, 7),) if t == step else ()
        decoded = model.decoder(token, state, memory, *edits)
        token, state = writable(decoded.logits).argmax(-1), decoded.state
        written.append(int(token))
        hidden.append(decoded.hidden[0, 0])
        if written[-1] == EOS:
            break
    trace = built.translate(TEXT, edits={step: row.tolist()})
    assert built.trg_vocab.encode("<unk>" if c else w for w, c in zip(trace.trg, trace.copied, strict=True)) == [
        UNK if token in (UNK, EOS) else token for token in written
    ]
    close(trace.hidden, torch.stack(hidden))
    plain = built.translate(TEXT)
    moved = (trace.hidden[step] - plain.hidden[step]).abs().max() > 1e-4
    assert moved == (kind["order"] == "bahdanau" and kind["attention"] is not None)


@pytest.mark.parametrize("kind", EVERY)
def test_every_translator_can_be_saved_and_loaded_or_says_what_that_needs(kind, tmp_path):
    built = of(kind)
    built.save(tmp_path / "mine")
    if isinstance(kind["attention"], str):
        loaded = Translator.load(tmp_path / "mine")
        with pytest.raises(CheckpointError, match=r"one of the library's; give none"):
            Translator.load(tmp_path / "mine", attention=Cosine())
    else:
        with pytest.raises(CheckpointError, match=r"is Cosine, made by its author: give attention=") as said:
            Translator.load(tmp_path / "mine")
        assert "\n" not in str(said.value)
        with pytest.raises(CheckpointError, match="Cosine, not dot"):
            Translator.load(tmp_path / "mine", attention=DotScore(8))
        given = Cosine()
        loaded = Translator.load(tmp_path / "mine", attention=given)
        assert loaded.model.decoder.attention.score is given
        assert given.w == built.model.decoder.attention.score.w
    assert same(loaded.translate(TEXT), built.translate(TEXT))
    assert loaded.translate(TEXT).formula == built.translate(TEXT).formula


def test_a_model_put_together_by_hand_translates_and_says_why_it_cannot_be_saved(tmp_path):
    built = translator()
    sizes = {"embedding_dim": 6, "hidden_size": 8, "num_layers": 1}
    model = Seq2Seq(Encoder(15, **sizes), Decoder(13, **sizes, attention=Attention(Cosine())))
    own = Translator(model, *built.vocabs)
    assert (own.kind, own.translate(TEXT).kind) == ("Cosine", "Cosine")
    with pytest.raises(ValueError, match="put together by hand"):
        own.save(tmp_path / "mine")
    assert not (tmp_path / "mine").exists()


# ---------------------------------------------------------------- a stop that no sentence of the corpus had

BARE = "le chat mange"
STOPPED = {
    "le chat mange!": ("!",),
    "le chat mange ?!": ("?", "!"),
    "le chat mange…": ("…",),
    "le chat mange।": ("।",),
    "le chat mange。": ("。",),
    "le chat mange؟": ("؟",),
    "“le chat mange!”": ("“", "!", "”"),
    '("le chat mange!")': ("(", '"', "!", '"', ")"),
    "le chat mange!)": ("!", ")"),
    "(le chat mange.!": ("!",),
}


@pytest.mark.parametrize(("text", "dropped"), STOPPED.items())
def test_an_unknown_stop_is_left_out_and_named(text, dropped):
    built = translator()
    trace = built.translate(text)
    bare = built.translate(" ".join(trace.src).split())
    assert trace.dropped == dropped
    assert (bare.dropped, bare.trg, bare.text) == ((), trace.trg, trace.text)
    assert torch.equal(trace.states, bare.states)
    left = sorted("".join([*trace.src, *dropped]))
    assert left == sorted(text.replace(" ", ""))


def test_all_ways_to_translate_leave_out_the_same():
    built, text = translator(), f"{BARE} ?!"
    several = built.translate_many([BARE, text, ""], 2)
    paths = [built.translate(text), built.translate(text, 3), built.translate(text, forced="the cat"), several[1]]
    paths += [built.translate(text, words={0: "cat"}), built.translate(text, edits={0: [0, 0, 1]}), *built.n_best(text)]
    for trace in paths:
        assert (trace.src, trace.dropped) == (tuple(BARE.split()), ("?", "!"))
    assert [trace.dropped for trace in several] == [(), ("?", "!"), ()]
    assert built.encode(text, "the cat") == built.encode(BARE, "the cat")
    assert built.split(text) == BARE.split()
    assert built.translate(text, gold={(2, 0)}).gold == {(2, 0)}
    with pytest.raises(ValueError, match=r"5,. weights for 3 source tokens"):
        built.translate(text, edits={0: [1, 1, 1, 1, 1]})


@pytest.mark.parametrize("text", ["le chat mange.", "!", "?!…", "“!”", "le zèbre", "le! chat", "«le chat»", "le chat)"])
def test_a_stop_that_is_known_or_alone_or_inside_is_read(text):
    built = translator()
    assert built.translate(text).dropped == ()
    assert list(built.translate(text).src) == built.src_vocab.tokenizer.split(text)


def test_tokens_of_a_corpus_are_all_read():
    trace = translator().translate([*BARE.split(), "!"])
    assert trace.src == (*BARE.split(), "!")
    assert (trace.dropped, trace.unknown[-1]) == ((), True)


def test_a_trace_says_what_was_left_out():
    assert "dropped=('!',)" in repr(translator().translate(f"{BARE}!"))
    assert "dropped" not in repr(translator().translate(BARE))


def test_a_full_stop_does_not_change_what_korean_says():
    built = Translator.load("korean-concat")
    for text in ("저는 집에 가요", "학생들은 사과를 먹고 있다", "나는 책을 읽었다"):
        assert built.translate(f"{text}.").text == f"{built.translate(text).text}."

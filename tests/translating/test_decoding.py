"""Greedy and beam search against forced passes and against every sentence there is."""

from itertools import product

import pytest
import tiny
import torch

from s2s_lib.corpora.text import EOS, PAD, SOS
from s2s_lib.model.batching import collate
from s2s_lib.model.decoder import writable
from s2s_lib.translating.decoding import beam_search, beam_steps, greedy, greedy_steps

KINDS = [
    pytest.param({"attention": attention, "cell": cell, "num_layers": layers}, id=f"{attention}-{cell}-{layers}")
    for attention in tiny.ATTENTIONS
    for cell, layers in (("gru", 1), ("lstm", 2))
]
SMALL = 7  # four special tokens and three words


def ending(bonus=1.5, **kind):
    """Build a model that likes to end, so that sentences of every length come up."""
    model = tiny.model(**kind)
    with torch.no_grad():
        model.decoder.output.bias[EOS] += bonus
    return model


def source(seed=0, rows=((4, 1), (2, 1), (5, 1))):
    batch = tiny.batch(rows, seed=seed)
    return batch.src, batch.src_mask


def rescored(model, src, sentences):
    """Force sentences (tokens, ended by <eos> or not) through the model; return their log probabilities."""
    rows = len(sentences)
    batch = collate([(src.tolist(), [*tokens] or [4]) for tokens, _ in sentences])
    logits = writable(model(batch)).log_softmax(-1)
    scores = []
    for row, (tokens, finished) in zip(range(rows), sentences, strict=True):
        said = [*tokens, *[EOS] * finished]
        scores.append(sum(logits[row, step, token].item() for step, token in enumerate(said)))
    return scores


def every_sentence(vocab, max_len):
    """List all that can be said in `max_len` steps: sentences with <eos> in time, and those cut off."""
    words = [token for token in range(vocab) if token not in (PAD, SOS, EOS)]
    ended = [(tokens, True) for length in range(max_len) for tokens in product(words, repeat=length)]
    return ended + [(tokens, False) for tokens in product(words, repeat=max_len)]


@pytest.mark.parametrize("length_penalty", [0.0, 0.6, 1.0, 2.0])
@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_a_wide_beam_finds_what_brute_force_finds(kind, length_penalty):
    model = ending(trg_vocab=SMALL, **kind)
    src, mask = source()
    sentences = every_sentence(SMALL, max_len=3)
    found = beam_search(model, src, mask, len(sentences), max_len=3, length_penalty=length_penalty)
    for row, hypotheses in enumerate(found):
        log_probs = rescored(model, src[row, mask[row]], sentences)
        lengths = [len(tokens) + finished for tokens, finished in sentences]
        scores = [log_prob / n**length_penalty for log_prob, n in zip(log_probs, lengths, strict=True)]
        assert {(h.tokens, h.finished) for h in hypotheses} == set(sentences)
        torch.testing.assert_close([h.score for h in hypotheses], sorted(scores, reverse=True), atol=1e-4, rtol=0)
        expected = dict(zip(sentences, scores, strict=True))
        for h in hypotheses:
            assert h.score == pytest.approx(expected[h.tokens, h.finished], abs=1e-4)


def beam_in_lists(model, src, beam_size, max_len, length_penalty):
    """Search one sentence with plain lists, every hypothesis scored from its start by a forced pass."""

    def ranked(hypotheses):
        log_probs = rescored(model, src, hypotheses)
        lengths = [len(tokens) + finished for tokens, finished in hypotheses]
        scores = [log_prob / length**length_penalty for log_prob, length in zip(log_probs, lengths, strict=True)]
        return [hypotheses[i] for i in sorted(range(len(scores)), key=lambda i: -scores[i])[:beam_size]]

    words = [token for token in range(SMALL) if token not in (PAD, SOS, EOS)]
    beam = [((), False)]
    for _ in range(max_len):
        frozen = [hypothesis for hypothesis in beam if hypothesis[1]]
        going = [tokens for tokens, finished in beam if not finished]
        grown = [((*tokens, word), False) for tokens in going for word in words] + [(tokens, True) for tokens in going]
        beam = ranked(frozen + grown)
    return beam


@pytest.mark.parametrize("length_penalty", [0.0, 0.8, 2.0])
@pytest.mark.parametrize("attention", [None, "general"])
@torch.no_grad()
def test_a_narrow_beam_equals_one_written_in_lists(attention, length_penalty):
    for seed in range(3):
        model = ending(attention=attention, trg_vocab=SMALL, seed=seed)
        src, mask = source(seed)
        for beam_size in (2, 3, 5):
            found = beam_search(model, src, mask, beam_size, 5, length_penalty)
            for row, hypotheses in enumerate(found):
                expected = beam_in_lists(model, src[row, mask[row]], beam_size, 5, length_penalty)
                assert [(h.tokens, h.finished) for h in hypotheses] == expected


@pytest.mark.parametrize("length_penalty", [0.0, 1.0, 3.0])
@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_a_beam_of_one_is_greedy(kind, length_penalty):
    for seed in range(8):
        model = ending(seed=seed, **kind)
        src, mask = source(seed)
        tokens, _ = greedy(model, src, mask, max_len=9)
        for row, hypotheses in zip(tokens.tolist(), beam_search(model, src, mask, 1, 9, length_penalty), strict=True):
            said = [token for token in row if token != PAD]
            assert [h.tokens + (EOS,) * h.finished for h in hypotheses] == [tuple(said)]


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_hypotheses_are_distinct_sorted_and_scored_as_a_forced_pass_scores_them(kind):
    model = ending(**kind)
    src, mask = source()
    for row, hypotheses in enumerate(beam_search(model, src, mask, 6, 8, 0.7)):
        assert len({(h.tokens, h.finished) for h in hypotheses}) == len(hypotheses) == 6
        assert [h.score for h in hypotheses] == sorted((h.score for h in hypotheses), reverse=True)
        log_probs = rescored(model, src[row, mask[row]], [(h.tokens, h.finished) for h in hypotheses])
        for h, log_prob in zip(hypotheses, log_probs, strict=True):
            assert h.log_prob == pytest.approx(log_prob, abs=1e-4)
            assert h.score == pytest.approx(log_prob / (len(h.tokens) + h.finished) ** 0.7, abs=1e-4)


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_decoding_a_batch_equals_decoding_its_sentences(kind):
    model, batch = ending(**kind), tiny.padded(tiny.batch(((4, 1), (2, 1), (5, 1), (1, 1))))
    tokens, weights = greedy(model, batch.src, batch.src_mask, max_len=9)
    together = beam_search(model, batch.src, batch.src_mask, 4, 9)
    for row in range(len(tokens)):
        alone = tiny.single(batch, row)
        alone_tokens, alone_weights = greedy(model, alone.src, alone.src_mask, max_len=9)
        steps, length = alone_tokens.shape[1], alone.src.shape[1]
        assert tokens[row, :steps].tolist() == alone_tokens[0].tolist()
        if weights is not None:
            torch.testing.assert_close(weights[row, :steps, :length], alone_weights[0], atol=1e-5, rtol=0)
        (one,) = beam_search(model, alone.src, alone.src_mask, 4, 9)
        assert [h.tokens for h in one] == [h.tokens for h in together[row]]
        assert [h.score for h in one] == pytest.approx([h.score for h in together[row]], abs=1e-4)


@pytest.mark.parametrize("seed", range(5))
@torch.no_grad()
def test_a_finished_row_stays_finished(seed):
    model = ending(seed=seed)
    batch = tiny.padded(tiny.batch(((4, 1), (2, 1), (5, 1), (1, 1)), seed=seed))
    tokens, weights = greedy(model, batch.src, batch.src_mask, max_len=12)
    for row in range(len(tokens)):
        said = tokens[row].tolist()
        end = said.index(EOS) + 1 if EOS in said else len(said)
        assert PAD not in said[:end]
        assert set(said[end:]) <= {PAD}
        assert (weights[row, end:] == 0).all()
        torch.testing.assert_close(weights[row, :end].sum(1), torch.ones(end))
        assert (weights[row, :, ~batch.src_mask[row]] == 0).all()


@torch.no_grad()
def test_decoding_stops_with_the_last_sentence():
    model = ending(bonus=100.0)
    tokens, _ = greedy(model, *source(), max_len=50)
    assert tokens.tolist() == [[EOS]] * 3
    assert [h[0].tokens for h in beam_search(model, *source(), 3, max_len=50)] == [()] * 3


@torch.no_grad()
def test_pads_and_starts_are_never_said():
    model = tiny.model()
    model.decoder.output.bias[[PAD, SOS]] += 100
    src, mask = source()
    tokens, _ = greedy(model, src, mask, max_len=6)
    assert not (tokens == SOS).any()
    assert (tokens[:, 0] != PAD).all()
    for hypotheses in beam_search(model, src, mask, 4, 6):
        assert not any({PAD, SOS} & set(h.tokens) for h in hypotheses)
        assert all(h.log_prob > -50 for h in hypotheses)  # what may not be said takes no probability away


@pytest.mark.parametrize("max_len", [1, 4, None])
@torch.no_grad()
def test_no_sentence_is_longer_than_allowed(max_len):
    """Where nothing is said, twice the sentence's own length and ten, whatever shares its batch."""
    model, batch = ending(bonus=-100.0), tiny.padded(tiny.batch(((4, 1), (2, 1), (5, 1))))
    limits = [max_len or 2 * length + 10 for length in (4, 2, 5)]
    tokens, _ = greedy(model, batch.src, batch.src_mask, max_len)
    assert (tokens != PAD).sum(1).tolist() == limits
    for limit, hypotheses in zip(limits, beam_search(model, batch.src, batch.src_mask, 3, max_len), strict=True):
        assert len(hypotheses) == 3
        assert all(len(h.tokens) == limit and not h.finished for h in hypotheses)


@torch.no_grad()
def test_a_greater_length_penalty_never_prefers_a_shorter_sentence():
    everything, grew = len(every_sentence(SMALL, 3)), 0
    for seed in range(4):
        model, (src, mask) = ending(trg_vocab=SMALL, seed=seed), source(seed)
        searched = [beam_search(model, src, mask, everything, 3, penalty) for penalty in (0.0, 0.5, 1.0, 2.0, 4.0)]
        for hypotheses in zip(*searched, strict=True):
            lengths = [len(best.tokens) + best.finished for best, *_ in hypotheses]
            assert lengths == sorted(lengths)
            grew += lengths[0] < lengths[-1]
    assert grew


@torch.no_grad()
def test_a_beam_wider_than_the_language_holds_each_sentence_once():
    (hypotheses,) = beam_search(tiny.model(trg_vocab=5), *source(rows=((2, 1),)), beam_size=50, max_len=2)
    assert {h.tokens for h in hypotheses} == {(), (1,), (4,), (1, 1), (1, 4), (4, 1), (4, 4)}
    assert len(hypotheses) == 7


@torch.no_grad()
def test_sentences_finish_whether_or_not_the_best_beam_has():
    searched = beam_search(ending(bonus=3.0), *source(), 5, 8, 0.0)
    assert any(h.finished for hypotheses in searched for h in hypotheses)
    assert any(len(h.tokens) > 1 for hypotheses in searched for h in hypotheses)


@pytest.mark.parametrize("max_len", [0, -1])
def test_a_length_below_one_is_refused(max_len):
    with pytest.raises(ValueError, match="max_len"):
        greedy(tiny.model(), *source(), max_len=max_len)
    with pytest.raises(ValueError, match="max_len"):
        beam_search(tiny.model(), *source(), max_len=max_len)


def test_a_beam_below_one_is_refused():
    with pytest.raises(ValueError, match="beam_size=0"):
        beam_search(tiny.model(), *source(), beam_size=0)


def test_decoding_leaves_no_gradient_behind():
    tokens, weights = greedy(tiny.model(), *source(), max_len=3)
    assert not weights.requires_grad
    assert not tokens.requires_grad


@pytest.mark.parametrize("length_penalty", [0.0, 1.0])
@pytest.mark.parametrize("kind", KINDS[::3])
@torch.no_grad()
def test_the_steps_of_a_beam_are_a_tree_whose_leaves_are_what_it_finds(kind, length_penalty):
    """Each step against plain lists: all continuations sorted, the first K kept, the next K pruned."""
    model, beam = ending(trg_vocab=SMALL, **kind), 3
    src, mask = source()
    steps = list(beam_steps(model, src, mask, beam, 4, length_penalty))
    for row in range(len(src)):
        kept = [((), 0.0, False)]  # tokens, log probability, finished
        for step in steps:
            grown = continuations(model, src[row][mask[row]], kept, step is steps[0] or len(kept[0][0]) < 4)
            ranking = sorted(grown, key=lambda each: -each[1] / max(1, len(each[0])) ** length_penalty)
            told = [written(sequence) for sequence in step.sequences[row].tolist()]
            alive = step.log_probs[row] > -torch.inf
            expected = ranking[: int(alive.sum())]
            assert told[: len(expected)] == [list(tokens) for tokens, _, _ in expected]
            torch.testing.assert_close(
                step.log_probs[row][alive], torch.tensor([log_prob for _, log_prob, _ in expected]), atol=1e-4, rtol=0
            )
            assert step.lengths[row][alive].tolist() == [len(tokens) for tokens, _, _ in expected]
            for place, (tokens, _, _) in enumerate(expected):
                parent = kept[step.parents[row, place]][0]
                assert tokens[: len(parent)] == parent
            others = [-each[1] / max(1, len(each[0])) ** length_penalty for each in ranking[beam : 2 * beam]]
            found = step.pruned.scores[row]
            torch.testing.assert_close(
                found[found > -torch.inf], -torch.tensor(others)[: int((found > -torch.inf).sum())]
            )
            kept = expected


def continuations(model, src, kept, going_on):
    """Grow every hypothesis by every token; a finished one stays as it is."""
    grown = []
    for tokens, log_prob, finished in kept:
        if finished or not going_on:
            grown.append((tokens, log_prob, finished))
            continue
        batch = collate([(src.tolist(), [*tokens, 4])])
        scores = writable(model(batch))[0, len(tokens)].log_softmax(-1).tolist()
        grown += [((*tokens, token), log_prob + p, token == EOS) for token, p in enumerate(scores) if p > -torch.inf]
    return grown


def written(sequence):
    return [token for token in sequence if token not in (PAD, SOS)]


def test_the_last_step_of_a_beam_is_what_beam_search_returns():
    model = ending()
    src, mask = source()
    *_, last = beam_steps(model, src, mask, 4)
    for found, sequences, log_probs in zip(
        beam_search(model, src, mask, 4), last.sequences.tolist(), last.log_probs.tolist(), strict=True
    ):
        assert [[*each.tokens, *[EOS] * each.finished] for each in found] == [written(each) for each in sequences]
        assert [each.log_prob for each in found] == log_probs


def test_a_step_taken_leaves_the_model_and_the_callers_gradients_as_they_were():
    model = ending(dropout=0.5).train()
    steps = beam_steps(model, *source(), 2)
    next(steps)
    assert model.training
    assert torch.is_grad_enabled()
    assert all(part.training for part in model.modules())


@pytest.mark.parametrize("kind", KINDS[::2])
@torch.no_grad()
def test_sentences_that_have_ended_leave_the_batch_and_change_nothing_for_the_others(kind):
    model = ending(**kind)
    src, mask = source(rows=((4, 1), (2, 1), (5, 1), (1, 1)))
    sizes = [len(step.rows) for step in greedy_steps(model, model.encoder(src, mask))]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == 4
    tokens, weights = greedy(model, src, mask)
    for row in range(4):
        length = int(mask[row].sum())
        alone, looked = greedy(model, src[row : row + 1, :length], mask[row : row + 1, :length])
        steps = alone.shape[1]
        assert tokens[row, :steps].tolist() == alone[0].tolist()
        assert not tokens[row, steps:].any()
        if looked is not None:
            torch.testing.assert_close(weights[row, :steps, :length], looked[0], atol=1e-5, rtol=0)
            assert not weights[row, steps:].any()


REFUSED = {
    "beam_size": [(0, ValueError), (-1, ValueError), (2.0, TypeError), ("5", TypeError), (True, TypeError)],
    "max_len": [(0, ValueError), (2.5, TypeError), (True, TypeError)],
    "length_penalty": [(float("nan"), ValueError), (float("inf"), ValueError), (1e6, ValueError), (-11, ValueError)],
}


@pytest.mark.parametrize(
    ("name", "value", "kind"), [(name, *case) for name, cases in REFUSED.items() for case in cases]
)
def test_what_is_no_setting_of_a_beam_is_refused_by_name(name, value, kind, unchecked):
    with pytest.raises(kind, match=name):
        beam_search(tiny.model(), *source(), **{name: value})
    if name == "max_len":
        with pytest.raises(kind, match=name):
            greedy(tiny.model(), *source(), **{name: value})

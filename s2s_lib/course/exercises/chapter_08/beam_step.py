"""08-beam-step: the K best ways to go on, finished hypotheses frozen."""

import torch

from ....corpora.text import EOS, PAD, SOS
from ....translating.decoding import beam_search, next_log_probs, topk_pairs
from ...desk.exercise import Exercise, Wrong

NEVER = float("-inf")


def beam_step(log_probs, next_log_probs, finished):
    """Find the K best continuations of K hypotheses, as (beam, token, total)."""
    return best(log_probs.unsqueeze(1) + frozen(next_log_probs, finished))


def frozen(steps, finished, token=PAD, cost=0.0):
    """Let a finished hypothesis go on with one token only."""
    steps = steps.masked_fill(finished.unsqueeze(1), NEVER)  # (K, V), a copy
    steps[finished, token] = cost
    return steps


def best(totals, largest=True):
    """Give the K best (beam, token, total) of the totals (K, V)."""
    values, places = totals.flatten().topk(len(totals), largest=largest)
    triples = zip(places.tolist(), values.tolist(), strict=True)
    return [(place // totals.shape[1], place % totals.shape[1], value) for place, value in triples]


def freezing(**how):
    """Freeze in another way."""
    return lambda log_probs, steps, finished: best(log_probs.unsqueeze(1) + frozen(steps, finished, **how))


def handed_back(change):
    """Give the right triples, changed."""
    return lambda *given: change(beam_step(*given))


def copies(log_probs, steps, finished):
    """Let a finished hypothesis go on with any token, at no cost."""
    return best(log_probs.unsqueeze(1) + steps.masked_fill(finished.unsqueeze(1), 0))


def paid(log_probs, steps, finished, token=EOS):
    """Let a finished hypothesis pay for `token`, or for its likeliest one, again."""
    cost = steps[finished, token] if token is not None else steps[finished].max(1).values
    return freezing(cost=cost)(log_probs, steps, finished)


def stops_at_the_first(log_probs, steps, finished):
    """Freeze all once the best hypothesis is finished."""
    return beam_step(log_probs, steps, finished | finished[log_probs.argmax()])


def one_beam(log_probs, steps, finished):
    """Let the best hypothesis go on alone."""
    totals = log_probs.unsqueeze(1) + frozen(steps, finished)
    return best(totals.where(torch.arange(len(totals)).unsqueeze(1) == log_probs.argmax(), NEVER))


def greedy_each(log_probs, steps, finished):
    """Give each hypothesis its own best token."""
    values, tokens = (log_probs.unsqueeze(1) + frozen(steps, finished)).max(dim=1)
    return list(zip(range(len(values)), tokens.tolist(), values.tolist(), strict=True))


def by_step(log_probs, steps, finished):
    """Compare the last steps only."""
    found = best(frozen(steps, finished))
    return [(beam, token, value + log_probs[beam].item()) for beam, token, value in found]


def divided_by_k(log_probs, steps, finished):
    """Divide a flat place by K and not by V."""
    found, (k, v) = beam_step(log_probs, steps, finished), steps.shape
    return [((beam * v + token) // k, (beam * v + token) % k, total) for beam, token, total in found]


def flat(log_probs, steps, finished):
    """Leave the flat places as they are."""
    return [(beam * steps.shape[1] + token, total) for beam, token, total in beam_step(log_probs, steps, finished)]


def in_place(log_probs, steps, finished):
    """Freeze in the argument itself."""
    steps[finished] = NEVER
    steps[finished, PAD] = 0
    return beam_step(log_probs, steps, finished)


def _draw(generator, beam, words, finished=(), before=None):
    """Draw a step in multiples of 1/4, again and again until it tells right from wrong."""
    finished = torch.tensor([k in finished for k in range(beam)])
    while True:
        drawn = -torch.randperm(8, generator=generator)[:beam] / 2 - 0.5
        log_probs = drawn.sort(descending=True).values if before is None else before
        steps = -torch.randint(1, 17, (beam, 4 + words), generator=generator) / 4
        steps[:, [PAD, SOS]] = NEVER  # no sentence contains them
        if _telling(log_probs, steps, finished):
            return log_probs, steps, finished


def _telling(log_probs, steps, finished):
    """No two totals are alike, what is finished is kept, and the last step alone would decide otherwise."""
    totals = log_probs.unsqueeze(1) + frozen(steps, finished)
    alike = totals[totals > NEVER].unique().numel() < (totals > NEVER).sum()
    kept = {k for k, _, _ in best(totals)}.issuperset(finished.nonzero().flatten().tolist())
    return not alike and kept and (len(steps) == 1 or by_step(log_probs, steps, finished) != best(totals))


def _cases(generator):
    """One beam; two; finished ones last, first and between; and a beam that is no sentence's beginning."""
    yield _draw(generator, 1, 1)
    yield _draw(generator, 2, 2)
    yield _draw(generator, 2, 1, (1,))
    yield _draw(generator, 3, 2, (0,), torch.tensor([-0.25, -6.0, -6.5]))  # far ahead
    yield _draw(generator, 4, 3, (0, 2))
    yield _draw(generator, 3, 4, (), torch.tensor([-0.5, -1.25, NEVER]))


BEAM_STEP = Exercise(
    id="08-beam-step",
    objective="Take one step of beam search: the K best of all continuations, finished hypotheses frozen",
    points=4,
    minutes=20,
    difficulty=3,
    reference=beam_step,
    cases=lambda generator: list(_cases(generator)),
    library=(beam_search, next_log_probs, topk_pairs),
    hints=(
        "There are K V ways to go on. What is the total of the one that adds token v to hypothesis k?",
        "A finished hypothesis has one way to go on: `<pad>`, with a total that stays what it was. In a copy, "
        "give it a row of -inf with a 0 at PAD.",
        "`log_probs.unsqueeze(1) + steps` is (K, V). `.flatten().topk(K)` finds the best and their places in the flat "
        "list: the beam is place // V, the token place % V.",
    ),
    wrong=(
        Wrong(
            "beam-first-eos",
            "All stops as soon as the best hypothesis is finished. The others still grow, since K finished sentences "
            "are wanted: later a length penalty may rank a longer one higher.",
            stops_at_the_first,
        ),
        Wrong(
            "one-beam",
            "Only the best hypothesis goes on, and the result is K variants of it. All K compete: a weaker beginning "
            "may have the better ending.",
            one_beam,
        ),
        Wrong(
            "greedy-each",
            "Each hypothesis takes its own best token. These are K greedy searches side by side; the K best of all "
            "K V continuations may come from fewer beginnings.",
            greedy_each,
            lambda *given: sorted(greedy_each(*given), key=lambda triple: -triple[2]),
        ),
        Wrong(
            "not-frozen",
            "A finished hypothesis goes on with ordinary words, behind its `<eos>`. Freeze it: one continuation, "
            "`<pad>`, its total unchanged.",
            lambda log_probs, steps, finished: best(log_probs.unsqueeze(1) + steps),
        ),
        Wrong(
            "finished-dropped",
            "Finished hypotheses are gone: all of their continuations are ruled out, and the best sentence may be "
            "lost. Each keeps its place with `<pad>`, as long as its total is among the K best.",
            freezing(cost=NEVER),
        ),
        Wrong(
            "frozen-copies",
            "A finished hypothesis may go on with any token at no cost, so that it takes several places of the beam. "
            "It has one continuation: 0 at PAD and -inf elsewhere.",
            copies,
        ),
        Wrong(
            "frozen-paid",
            "A finished hypothesis pays again at each step. Its sentence is over, its log probability is what it was.",
            paid,
            lambda *given: paid(*given, token=None),
        ),
        Wrong(
            "eos-again",
            "A finished hypothesis gets another `<eos>`. It has one; what follows is `<pad>`, token PAD.",
            freezing(token=EOS),
        ),
        Wrong(
            "finished-inverted",
            "The wrong ones are frozen: `finished` is True where a hypothesis is over.",
            lambda log_probs, steps, finished: beam_step(log_probs, steps, ~finished),
        ),
        Wrong(
            "past-forgotten",
            "Continuations are compared by their last step alone. What counts is the whole sentence: the hypothesis's "
            "log probability plus the step's.",
            by_step,
            lambda log_probs, steps, finished: best(frozen(steps, finished)),
        ),
        Wrong(
            "multiplied",
            "Probabilities are multiplied, their logarithms are added.",
            lambda log_probs, steps, finished: best(log_probs.unsqueeze(1) * frozen(steps, finished)),
            lambda log_probs, steps, finished: best(log_probs.unsqueeze(1) * frozen(steps, finished), largest=False),
        ),
        Wrong(
            "worst-first",
            "The order is reversed: log probabilities are below 0, and the largest, nearest to 0, is the best.",
            handed_back(lambda found: found[::-1]),
            lambda log_probs, steps, finished: best(log_probs.unsqueeze(1) + frozen(steps, finished), largest=False),
        ),
        Wrong(
            "unsorted",
            "These are the right K, in the order of the beams they come from: sort them by their total.",
            handed_back(sorted),
        ),
        Wrong(
            "index-swapped",
            "Token and beam have changed places: it is (beam, token, total).",
            handed_back(lambda found: [(token, beam, total) for beam, token, total in found]),
        ),
        Wrong(
            "index-flat",
            "A place in the flat list is not a beam and a token yet: a row has V entries, so the beam is place // V "
            "and the token place % V.",
            divided_by_k,
            flat,
        ),
        Wrong(
            "three-tensors",
            "The numbers are right, their form is not: a list of K tuples, (beam, token, total). `.tolist()` makes "
            "Python numbers, `zip` makes tuples.",
            handed_back(lambda found: tuple(map(torch.tensor, zip(*found, strict=True)))),
            handed_back(lambda found: [list(each) for each in zip(*found, strict=True)]),
        ),
        Wrong(
            "in-place",
            "The triples are right, but `next_log_probs` is overwritten, and the caller still needs it. Work on a "
            "copy: `masked_fill` makes one, so does `clone`.",
            in_place,
        ),
    ),
)

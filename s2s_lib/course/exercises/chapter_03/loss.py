"""03-loss: the mean cross-entropy over real tokens."""

import torch
import torch.nn.functional as F

from ....corpora.text import EOS, PAD, UNK
from ....model.metrics import token_loss
from ...desk.exercise import Exercise, Wrong, numbers, real


def loss(logits, targets):
    """Cross-entropy in nats, the mean over the tokens of (B, T) that are no pads; logits are (B, T, V)."""
    return token_loss(logits, targets)


def _loss_cases(generator):
    """Padded batches: a batch of one, a sentence of nothing but <eos>, and a word that is <unk>."""
    for lengths, spare, vocab in (((2,), 1, 5), ((3, 1), 1, 6), ((2, 5, 3), 0, 7)):
        steps = max(lengths) + spare
        words = torch.randint(EOS + 1, vocab, (len(lengths), steps), generator=generator)
        words[-1, 0] = UNK if len(lengths) > 2 else words[-1, 0]
        ends = torch.arange(steps) == torch.tensor(lengths).unsqueeze(1) - 1
        mask = torch.cat([real(lengths), torch.zeros(len(lengths), spare, dtype=torch.bool)], dim=1)
        yield numbers(generator, len(lengths), steps, vocab), words.where(~ends, EOS) * mask


def _each(logits, targets, axis=2):
    """Minus the log-probability of every target (B, T), pads as well."""
    return -logits.log_softmax(dim=axis).gather(2, targets.unsqueeze(2)).squeeze(2)


def _of_real(score):
    """A mean over real tokens, of something else than the loss."""
    return lambda logits, targets: score(logits, targets)[targets != PAD].mean()


def _over(count):
    """The right sum, divided by another count."""
    return lambda logits, targets: (_each(logits, targets) * (targets != PAD)).sum() / count(logits, targets)


def _given(change):
    """The right loss of changed arguments."""
    return lambda logits, targets: F.cross_entropy(*_flat(*change(logits, targets)), ignore_index=PAD)


def _flat(logits, targets):
    return logits.reshape(-1, logits.shape[-1]), targets.reshape(-1)


def _sentence_mean(logits, targets):
    mask = targets != PAD
    return ((_each(logits, targets) * mask).sum(1) / mask.sum(1)).mean()


def _zeros_first(logits, targets):
    return torch.cat([torch.zeros_like(logits[:, :1]), logits[:, 1:]], dim=1), targets


def _probability(logits, targets):
    return (-_each(logits, targets)).exp()


LOSS = Exercise(
    id="03-loss",
    objective="Compute the loss of a padded batch as the mean over its real tokens",
    points=2,
    minutes=10,
    difficulty=1,
    reference=loss,
    cases=lambda generator: list(_loss_cases(generator)),
    library=(token_loss,),
    hints=(
        "Which of the B x T positions count, and by how many of them do you divide?",
        "`logits.log_softmax(dim=2)` gives log-probabilities, and `.gather(2, targets.unsqueeze(2)).squeeze(2)` picks "
        "that of the target at each position: (B, T).",
        "`targets != 0` is True at real tokens. Pick those positions by it, `values[targets != 0]`, and return minus "
        "their mean. (Or: `F.cross_entropy` with `ignore_index=0`, once B and T are one axis.)",
    ),
    wrong=(
        Wrong(
            "pad-in-loss",
            "Pads are counted as if they were words to predict. Then the loss depends on which sentences share a "
            "batch, and the model learns to say <pad>. Leave out the positions whose target is 0.",
            lambda logits, targets: F.cross_entropy(*_flat(logits, targets)),
        ),
        Wrong(
            "divided-by-all",
            "The pads are left out of the sum and still counted below the line: you divide by more than the number "
            "of real tokens.",
            _over(lambda logits, targets: targets.numel()),
            _over(lambda logits, targets: logits.numel()),
        ),
        Wrong(
            "slot-zero",
            "The first position does not get its due: it is cut off, or a row of zeros stands there. Some tutorials "
            "keep an empty slot at step 0 of their outputs. Here position 0 predicts the first word.",
            _given(lambda logits, targets: (logits[:, 1:], targets[:, 1:])),
            _given(_zeros_first),
        ),
        Wrong(
            "shifted-again",
            "Logits and targets are shifted against each other. `targets` is one step ahead of what the decoder read "
            "already (exercise 01-shift): position t of one belongs to position t of the other.",
            _given(lambda logits, targets: (logits[:, :-1], targets[:, 1:])),
            _given(lambda logits, targets: (logits[:, 1:], targets[:, :-1])),
        ),
        Wrong(
            "sum-not-mean",
            "This is a sum, or a sum per sentence, so long sentences weigh more. Divide by the number of real tokens.",
            _over(lambda logits, targets: 1),
            _over(lambda logits, targets: len(targets)),
        ),
        Wrong(
            "sentence-mean",
            "You take the mean of each sentence, and then the mean of these. A word of a short sentence then counts "
            "for more than one of a long sentence. All real tokens of the batch go into one mean.",
            _sentence_mean,
        ),
        Wrong(
            "eos-ignored",
            "More than the pads is left out: <eos>, and perhaps all special tokens. The model has to learn when to "
            "stop, and <unk> is a token like any other. Only 0 is a pad.",
            lambda logits, targets: _each(logits, targets)[(targets != PAD) & (targets != EOS)].mean(),
            lambda logits, targets: _each(logits, targets)[targets > EOS].mean(),
        ),
        Wrong(
            "softmax-axis",
            "The softmax runs over the sentences or over the steps. Each position has a distribution over the V words: "
            "the last axis.",
            _of_real(lambda logits, targets: _each(logits, targets, 0)),
            _of_real(lambda logits, targets: _each(logits, targets, 1)),
        ),
        Wrong(
            "softmax-twice",
            "There are two softmaxes: `F.cross_entropy` takes logits and has one inside.",
            _given(lambda logits, targets: (logits.softmax(dim=2), targets)),
        ),
        Wrong(
            "softmax-missing",
            "These are minus the logits of the targets. A logit becomes a log-probability by `log_softmax`.",
            _of_real(lambda logits, targets: -logits.gather(2, targets.unsqueeze(2)).squeeze(2)),
        ),
        Wrong(
            "log-missing",
            "This is a mean of probabilities. The loss is the mean of -log p, so that a p near 0 costs a lot.",
            _of_real(_probability),
            _of_real(lambda logits, targets: -_probability(logits, targets)),
            _of_real(lambda logits, targets: 1 - _probability(logits, targets)),
        ),
        Wrong(
            "sign",
            "The sign is missing: log-probabilities are below 0, and a loss is minus their mean.",
            _of_real(lambda logits, targets: -_each(logits, targets)),
        ),
        Wrong(
            "perplexity",
            "This is exp(loss), the perplexity. The loss is asked for.",
            lambda logits, targets: token_loss(logits, targets).exp(),
            lambda logits, targets: F.cross_entropy(*_flat(logits, targets), ignore_index=PAD).exp(),
        ),
        Wrong(
            "accuracy",
            "This is the share of tokens that the largest logit gets right. It has no slope to learn from; the loss "
            "asks how probable the right token was.",
            _of_real(lambda logits, targets: (logits.argmax(2) == targets).float()),
        ),
        Wrong(
            "not-reduced",
            "One number for the batch is asked for: the mean of these.",
            _each,
            lambda logits, targets: _each(logits, targets) * (targets != PAD),
            lambda logits, targets: _each(logits, targets)[targets != PAD],
        ),
        Wrong(
            "rows-mixed",
            "Logits and targets are flattened in different orders, so that words are scored at the positions of "
            "others. Either both go sentence by sentence or both go step by step.",
            lambda logits, targets: F.cross_entropy(
                logits.transpose(0, 1).flatten(0, 1), targets.flatten(), ignore_index=PAD
            ),
            lambda logits, targets: F.cross_entropy(logits.flatten(0, 1), targets.T.flatten(), ignore_index=PAD),
        ),
        Wrong(
            "not-flattened",
            "`F.cross_entropy` wants the V scores on axis 1. Make B and T one axis first: `logits.flatten(0, 1)` is "
            "(B*T, V), `targets.flatten()` is (B*T,).",
            lambda logits, targets: F.cross_entropy(logits, targets, ignore_index=PAD),
        ),
        Wrong(
            "plain-number",
            "The number is right, and plain: `.item()` cuts it off from the model, and no gradient can flow back. "
            "Return the tensor.",
            lambda logits, targets: F.cross_entropy(*_flat(logits, targets), ignore_index=PAD).item(),
        ),
    ),
)

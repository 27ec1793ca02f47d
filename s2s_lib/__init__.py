"""Sequence-to-sequence models with attention: the small library behind the workbook.

One alphabet of axes is used in every signature and every comment, batch first:

    B batch   S source length   T target length   E embedding   H hidden   L layers   V vocabulary

Masks are boolean and True at real tokens.
"""

import os as _os
from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING

# On a machine shared with others, OpenMP's spinning barriers can make two threads ten times slower than one.
# The policy is read once, when torch loads, so it is set here, before anything imports torch.
_os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from . import corpora
from .corpora.parallel import ParallelCorpus, SentencePair
from .corpora.text import EOS, PAD, SOS, SPECIALS, UNK, detokenize, tokenize
from .corpora.tokenizers import Characters, Tokenizer, Words
from .corpora.vocab import Vocab, Vocabs
from .learning.checkpoints import CheckpointError
from .learning.fitting import fit
from .learning.training import Epoch, History, Step, TrainingDiverged, evaluate
from .measuring import analysis
from .measuring.analysis import (
    accuracy_by_length,
    alignment_error,
    free_running_gap,
    gradient_flow,
    occlusion,
)
from .measuring.intervals import (
    PairedDifference,
    ScoreDifference,
    compare_settings,
    paired_bootstrap,
    paired_difference,
)
from .measuring.scores import (
    alignment_error_rate,
    bleu,
    chrf,
    exact_match,
    hard_alignment,
    lcs_recall,
)
from .model import teacher_forcing
from .model.attention import (
    Attended,
    Attention,
    ConcatScore,
    DiagonalScore,
    DotScore,
    FixedScore,
    GeneralScore,
    Operands,
    masked_softmax,
)
from .model.bahdanau import BahdanauDecoder
from .model.batching import Batch, batches, collate, pad
from .model.decoder import Decoded, Decoder, most_likely
from .model.encoder import Encoder, Memory
from .model.metrics import entropy, token_accuracy, token_loss
from .model.seq2seq import Seq2Seq, build_model
from .model.teacher_forcing import constant, exponential, inverse_sigmoid, linear
from .translating.decoding import (
    BeamStep,
    Hypothesis,
    Rules,
    beam_search,
    beam_steps,
    best_continuations,
    greedy,
    greedy_steps,
    next_log_probs,
    ranked,
    topk_pairs,
)
from .translating.trace import Trace
from .translating.translator import NotReached, Translator, shipped

if _TYPE_CHECKING:
    from . import ablation
    from .measuring import plots
    from .measuring.plots import heatmap, weights_heatmap

# Loaded when they are asked for: figures need matplotlib, which takes longer to import than all of the above.
_LATER = {
    "ablation": ("s2s_lib.ablation", None),
    "plots": ("s2s_lib.measuring.plots", None),
    "heatmap": ("s2s_lib.measuring.plots", "heatmap"),
    "weights_heatmap": ("s2s_lib.measuring.plots", "weights_heatmap"),
}

__all__ = [
    "EOS",
    "PAD",
    "SOS",
    "SPECIALS",
    "UNK",
    "Attended",
    "Attention",
    "BahdanauDecoder",
    "Batch",
    "BeamStep",
    "Characters",
    "CheckpointError",
    "ConcatScore",
    "Decoded",
    "Decoder",
    "DiagonalScore",
    "DotScore",
    "Encoder",
    "Epoch",
    "FixedScore",
    "GeneralScore",
    "History",
    "Hypothesis",
    "Memory",
    "NotReached",
    "Operands",
    "PairedDifference",
    "ParallelCorpus",
    "Rules",
    "ScoreDifference",
    "SentencePair",
    "Seq2Seq",
    "Step",
    "Tokenizer",
    "Trace",
    "TrainingDiverged",
    "Translator",
    "Vocab",
    "Vocabs",
    "Words",
    "ablation",
    "accuracy_by_length",
    "alignment_error",
    "alignment_error_rate",
    "analysis",
    "batches",
    "beam_search",
    "beam_steps",
    "best_continuations",
    "bleu",
    "build_model",
    "chrf",
    "collate",
    "compare_settings",
    "constant",
    "corpora",
    "detokenize",
    "entropy",
    "evaluate",
    "exact_match",
    "exponential",
    "fit",
    "free_running_gap",
    "gradient_flow",
    "greedy",
    "greedy_steps",
    "hard_alignment",
    "heatmap",
    "inverse_sigmoid",
    "lcs_recall",
    "linear",
    "masked_softmax",
    "most_likely",
    "next_log_probs",
    "occlusion",
    "pad",
    "paired_bootstrap",
    "paired_difference",
    "plots",
    "ranked",
    "shipped",
    "teacher_forcing",
    "token_accuracy",
    "token_loss",
    "tokenize",
    "topk_pairs",
    "weights_heatmap",
]


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _LATER[name]
    found = _import_module(module)
    return found if attribute is None else getattr(found, attribute)


def __dir__() -> list[str]:
    return [*__all__, "__all__", "__doc__"]

"""Sequence-to-sequence models with attention: the small library behind the workbook.

One alphabet of axes is used in every signature and every comment, batch first:

    B batch   S source length   T target length   E embedding   H hidden   L layers   V vocabulary

Masks are boolean and True at real tokens.
"""

import os

# On a machine shared with others, OpenMP's spinning barriers can make two threads ten times slower than one.
# The policy is read once, when torch loads, so it is set here, before anything imports torch.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from . import corpora
from .attention import (
    Attended,
    Attention,
    ConcatScore,
    DiagonalScore,
    DotScore,
    FixedContext,
    GeneralScore,
    masked_softmax,
)
from .batching import Batch, batches, collate, pad
from .checkpoints import CheckpointError
from .corpora.parallel import ParallelCorpus, SentencePair
from .decoder import Decoded, Decoder, most_likely
from .decoding import Hypothesis, beam_search, greedy
from .encoder import Encoder, Memory
from .fitting import History, fit
from .metrics import (
    alignment_error_rate,
    bleu,
    chrf,
    entropy,
    exact_match,
    hard_alignment,
    token_accuracy,
    token_loss,
)
from .seq2seq import Seq2Seq, build_model
from .teacher_forcing import constant, exponential, inverse_sigmoid, linear
from .text import EOS, PAD, SOS, SPECIALS, UNK, Vocab, detokenize, tokenize
from .trace import Trace
from .training import Epoch, Step, TrainingDiverged, evaluate
from .translator import Translator, shipped

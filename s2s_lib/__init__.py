"""Sequence-to-sequence models with attention: the small library behind the workbook.

One alphabet of axes is used in every signature and every comment, batch first:

    B batch   S source length   T target length   E embedding   H hidden   L layers   V vocabulary

Masks are boolean and True at real tokens.
"""

import os

# On a machine shared with others, OpenMP's spinning barriers can make two threads ten times slower than one.
# The policy is read once, when torch loads, so it is set here, before anything imports torch.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from . import corpora as corpora
from .attention import (
    Attended as Attended,
)
from .attention import (
    Attention as Attention,
)
from .attention import (
    ConcatScore as ConcatScore,
)
from .attention import (
    DiagonalScore as DiagonalScore,
)
from .attention import (
    DotScore as DotScore,
)
from .attention import (
    FixedContext as FixedContext,
)
from .attention import (
    GeneralScore as GeneralScore,
)
from .attention import (
    masked_softmax as masked_softmax,
)
from .batching import Batch as Batch
from .batching import batches as batches
from .batching import collate as collate
from .batching import pad as pad
from .checkpoints import CheckpointError as CheckpointError
from .corpora.parallel import ParallelCorpus as ParallelCorpus
from .corpora.parallel import SentencePair as SentencePair
from .decoder import Decoded as Decoded
from .decoder import Decoder as Decoder
from .decoder import most_likely as most_likely
from .decoding import Hypothesis as Hypothesis
from .decoding import beam_search as beam_search
from .decoding import greedy as greedy
from .encoder import Encoder as Encoder
from .encoder import Memory as Memory
from .fitting import History as History
from .fitting import fit as fit
from .metrics import (
    alignment_error_rate as alignment_error_rate,
)
from .metrics import (
    bleu as bleu,
)
from .metrics import (
    chrf as chrf,
)
from .metrics import (
    entropy as entropy,
)
from .metrics import (
    exact_match as exact_match,
)
from .metrics import (
    hard_alignment as hard_alignment,
)
from .metrics import (
    token_accuracy as token_accuracy,
)
from .metrics import (
    token_loss as token_loss,
)
from .seq2seq import Seq2Seq as Seq2Seq
from .seq2seq import build_model as build_model
from .teacher_forcing import constant as constant
from .teacher_forcing import exponential as exponential
from .teacher_forcing import inverse_sigmoid as inverse_sigmoid
from .teacher_forcing import linear as linear
from .text import EOS as EOS
from .text import PAD as PAD
from .text import SOS as SOS
from .text import SPECIALS as SPECIALS
from .text import UNK as UNK
from .text import Vocab as Vocab
from .text import detokenize as detokenize
from .text import tokenize as tokenize
from .trace import Trace as Trace
from .training import Epoch as Epoch
from .training import Step as Step
from .training import TrainingDiverged as TrainingDiverged
from .training import evaluate as evaluate
from .translator import Translator as Translator
from .translator import shipped as shipped

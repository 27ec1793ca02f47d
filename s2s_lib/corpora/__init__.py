"""Where sentence pairs come from: grammars, dates, Multi30k, a file of your own."""

from .dates import dates
from .files import from_files, from_tsv, multi30k, multi30k_lines
from .grammar import french, korean
from .parallel import ParallelCorpus, SentencePair

__all__ = [
    "ParallelCorpus",
    "SentencePair",
    "dates",
    "french",
    "from_files",
    "from_tsv",
    "korean",
    "multi30k",
    "multi30k_lines",
]

"""Tokens and vocabularies, and where sentence pairs come from: grammars, dates, Multi30k, a file of your own."""

from .dates import dates
from .files import from_files, from_tsv, read_parallel
from .grammar import french, korean
from .multi30k import multi30k, multi30k_lines
from .parallel import ParallelCorpus, SentencePair
from .tokenizers import Characters, Tokenizer, Tokenizers, Words
from .vocab import Vocab, Vocabs

__all__ = [
    "Characters",
    "ParallelCorpus",
    "SentencePair",
    "Tokenizer",
    "Tokenizers",
    "Vocab",
    "Vocabs",
    "Words",
    "dates",
    "french",
    "from_files",
    "from_tsv",
    "korean",
    "multi30k",
    "multi30k_lines",
    "read_parallel",
]

"""Sentence pairs from files: a student's own parallel text, or a Tatoeba export.

Files are UTF-8 and unpacked where their name ends in `.gz`. Only a line feed ends a line: U+2028 and its like
occur inside sentences, and breaking there would pair every later line with the wrong translation.
"""

import gzip
import random
import zlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from .checks import check_whole
from .parallel import ParallelCorpus, SentencePair
from .tokenizers import Tokenizer, Tokenizers

FilePath = str | Path
Lines = list[tuple[str, str]]  # raw sentences and their translations
_WORDS = Tokenizers()  # words on both sides


def read_lines(path: FilePath) -> list[str]:
    """Read the lines of a text file, without line ends, byte order mark and blank lines at the end.

    Raises FileNotFoundError, and ValueError for a damaged gzip, bytes that are not UTF-8 or are 0, a file of no text.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    try:
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path}: this gzip is cut short or damaged ({error}); copy it again") from error
    without_mark = data.removeprefix(b"\xef\xbb\xbf")
    lines = []
    for number, line in enumerate(without_mark.split(b"\n"), 1):
        lines.append(_decode(line.removesuffix(b"\r"), path, number))
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise ValueError(f"{path}: no text in this file")
    return lines


def _decode(line: bytes, path: Path, number: int) -> str:
    if b"\0" in line:  # no text has one, and UTF-16 without its mark one beside every Latin letter
        problem = f"byte {line.index(0)} is 0, as in UTF-16 or in a file that is no text"
        raise ValueError(f"{path}, line {number}: {problem}; save the file as UTF-8")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        problem = f"byte {line[error.start]:#04x} at position {error.start} is not UTF-8"
        raise ValueError(f"{path}, line {number}: {problem}; save the file as UTF-8") from error


def _check_filled(text: str, place: str) -> None:
    if not text.strip():
        raise ValueError(f"{place}: no sentence here; write it, or delete it together with its translation")


def read_parallel(src_path: FilePath, trg_path: FilePath) -> Lines:
    """Read raw (source, target) lines from two files in which line N translates line N.

    Raises what `read_lines` raises, and ValueError for unequal numbers of lines and for an empty side.
    """
    src = read_lines(src_path)
    trg = read_lines(trg_path)
    if len(src) != len(trg):
        counts = f"{src_path} has {len(src)} lines, {trg_path} has {len(trg)}"
        raise ValueError(f"{counts}; line N of one must translate line N of the other")
    lines = list(zip(src, trg, strict=True))
    for number, (left, right) in enumerate(lines, 1):
        _check_filled(left, f"{src_path}, line {number}")
        _check_filled(right, f"{trg_path}, line {number}")
    return lines


def tokenize_pairs(lines: Iterable[tuple[str, str]], tokenizers: Tokenizers = _WORDS) -> list[SentencePair]:
    """Turn raw (source, target) lines into pairs of tokens in the vocabularies' form, in the same order.

    Raises ValueError for a line in which a tokenizer finds nothing.
    """
    src_tokenizer, trg_tokenizer = tokenizers
    pairs = []
    for number, (src, trg) in enumerate(lines, 1):
        src_tokens = _tokens(src, src_tokenizer, number)
        trg_tokens = _tokens(trg, trg_tokenizer, number)
        pairs.append(SentencePair(src_tokens, trg_tokens))
    return pairs


def _tokens(text: str, tokenizer: Tokenizer, number: int) -> tuple[str, ...]:
    tokens = tokenizer.tokens(text)
    if not tokens:
        raise ValueError(f"line {number}: {tokenizer!r} finds no token in {text!r}")
    return tokens


def from_files(
    src: FilePath,
    trg: FilePath,
    *,
    tokenizers: Tokenizer | tuple[Tokenizer, Tokenizer] = _WORDS,
    valid: float = 0.1,
    test: float = 0.1,
    seed: int = 0,
    max_tokens: int = 50,
) -> ParallelCorpus:
    """Make a corpus of two files in which line N of `trg` translates line N of `src`.

    `tokenizers` is one for both languages, or a pair: (Words("fr"), Words("en")) also knows how they write.
    Pairs with more than `max_tokens` tokens on a side are left out, and so are repetitions. `valid` and
    `test` are shares of what remains, drawn by `seed` among the pairs whose two sentences occur once, so that
    no sentence is in two parts. Raises what `read_parallel` raises, and ValueError for too few such pairs.
    """
    lines = read_parallel(src, trg)
    return _corpus(lines, Tokenizers.of(tokenizers), valid, test, seed, max_tokens)


def from_tsv(
    path: FilePath,
    *,
    src_column: int = 1,
    trg_column: int = 0,
    tokenizers: Tokenizer | tuple[Tokenizer, Tokenizer] = _WORDS,
    valid: float = 0.1,
    test: float = 0.1,
    seed: int = 0,
    max_tokens: int = 50,
) -> ParallelCorpus:
    """Make a corpus of a table: tabs between columns, which count from 0; otherwise as `from_files`.

    Tatoeba's and ManyThings' exports read `english<TAB>french<TAB>attribution`: hence the default columns.
    """
    check_whole("src_column", src_column, least=0)
    check_whole("trg_column", trg_column, least=0)
    lines = []
    for number, row in enumerate(read_lines(path), 1):
        place = f"{path}, line {number}"
        cells = row.split("\t")
        if len(cells) <= max(src_column, trg_column):
            wanted = f"src_column={src_column} and trg_column={trg_column} (counted from 0) need more"
            raise ValueError(f"{place}: {len(cells)} column(s) between tabs; {wanted}")
        for column in (src_column, trg_column):
            _check_filled(cells[column], f"{place}, column {column}")
        lines.append((cells[src_column], cells[trg_column]))
    return _corpus(lines, Tokenizers.of(tokenizers), valid, test, seed, max_tokens)


def _corpus(
    lines: Lines, tokenizers: Tokenizers, valid: float, test: float, seed: int, max_tokens: int
) -> ParallelCorpus:
    """Draw the validation and test parts among the pairs that share no sentence with another pair."""
    if not (valid >= 0 and test >= 0 and valid + test < 1):  # NaN is not
        raise ValueError(f"valid={valid} and test={test} must be shares of the pairs: 0.1 is a tenth")
    check_whole("max_tokens", max_tokens)
    tokenized = tokenize_pairs(lines, tokenizers)
    short = [pair for pair in tokenized if max(len(pair.src), len(pair.trg)) <= max_tokens]
    pairs = list(dict.fromkeys(short))  # each once
    random.Random(seed).shuffle(pairs)
    alone = _alone(pairs)
    n_valid = _size(valid, pairs)
    n_test = _size(test, pairs)
    n_held_out = n_valid + n_test
    if n_held_out > len(alone) or n_held_out >= len(pairs):
        found = f"{len(pairs)} different pairs of up to {max_tokens} tokens, {len(alone)} sharing no sentence"
        raise ValueError(f"{found}, are too few to keep {n_valid} to validate and {n_test} to test")
    held_out = set(alone[:n_held_out])
    train = [pair for pair in pairs if pair not in held_out]
    return ParallelCorpus(train, alone[:n_valid], alone[n_valid:n_held_out], tokenizers)


def _alone(pairs: list[SentencePair]) -> list[SentencePair]:
    """Keep the pairs whose two sentences stand in no other pair."""
    src_count = Counter(pair.src for pair in pairs)
    trg_count = Counter(pair.trg for pair in pairs)
    alone = []
    for pair in pairs:
        if src_count[pair.src] == 1 and trg_count[pair.trg] == 1:
            alone.append(pair)
    return alone


def _size(share: float, pairs: list[SentencePair]) -> int:
    """How many pairs a share is: one at least, unless it is 0."""
    if share == 0:
        return 0
    return max(1, round(share * len(pairs)))

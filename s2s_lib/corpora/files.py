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

from .parallel import ParallelCorpus, SentencePair
from .text import tokenize

FilePath = str | Path
Lines = list[tuple[str, str]]  # raw sentences and their translations


def read_lines(path: FilePath) -> list[str]:
    """Read the lines of a text file, without line ends, byte order mark and blank lines at the end.

    Raises FileNotFoundError, and ValueError for a damaged gzip, bytes that are not UTF-8, a file of no text.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path}: this gzip is cut short or damaged ({error}); copy it again") from error
    parts = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    lines = [_decode(part.removesuffix(b"\r"), path, number) for number, part in enumerate(parts, 1)]
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise ValueError(f"{path}: no text in this file")
    return lines


def _decode(line: bytes, path: Path, number: int) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        problem = f"byte {line[error.start]:#04x} at position {error.start} is not UTF-8"
        raise ValueError(f"{path}, line {number}: {problem}; save the file as UTF-8") from error


def _filled(text: str, place: str) -> str:
    if not text.strip():
        raise ValueError(f"{place}: no sentence here; write it, or delete it together with its translation")
    return text


def read_parallel(src_path: FilePath, trg_path: FilePath) -> Lines:
    """Read raw (source, target) lines from two files in which line N translates line N.

    Raises what `read_lines` raises, and ValueError for unequal numbers of lines and for an empty side.
    """
    src, trg = read_lines(src_path), read_lines(trg_path)
    if len(src) != len(trg):
        counts = f"{src_path} has {len(src)} lines, {trg_path} has {len(trg)}"
        raise ValueError(f"{counts}; line N of one must translate line N of the other")
    numbered = zip(range(1, len(src) + 1), src, trg, strict=True)
    return [
        (_filled(left, f"{src_path}, line {n}"), _filled(right, f"{trg_path}, line {n}")) for n, left, right in numbered
    ]


def tokenize_pairs(lines: Iterable[tuple[str, str]]) -> list[SentencePair]:
    """Turn raw (source, target) lines into pairs of lower-cased tokens, in the same order."""
    return [SentencePair(tuple(tokenize(src)), tuple(tokenize(trg))) for src, trg in lines]


def from_files(
    src: FilePath,
    trg: FilePath,
    *,
    valid: float = 0.1,
    test: float = 0.1,
    seed: int = 0,
    max_tokens: int = 50,
) -> ParallelCorpus:
    """Make a corpus of two files in which line N of `trg` translates line N of `src`.

    Pairs with more than `max_tokens` tokens on a side are left out, and so are repetitions. `valid` and
    `test` are shares of what remains, drawn by `seed` among the pairs whose two sentences occur once, so that
    no sentence is in two parts. Raises what `read_parallel` raises, and ValueError for too few such pairs.
    """
    return _split(read_parallel(src, trg), valid, test, seed, max_tokens)


def from_tsv(
    path: FilePath,
    *,
    src_column: int = 1,
    trg_column: int = 0,
    valid: float = 0.1,
    test: float = 0.1,
    seed: int = 0,
    max_tokens: int = 50,
) -> ParallelCorpus:
    """Make a corpus of a table: tabs between columns, which count from 0; otherwise as `from_files`.

    Tatoeba's and ManyThings' exports read `english<TAB>french<TAB>attribution`: hence the default columns.
    """
    lines = []
    for number, row in enumerate(read_lines(path), 1):
        cells = row.split("\t")
        if len(cells) <= max(src_column, trg_column):
            wanted = f"src_column={src_column} and trg_column={trg_column} (counted from 0) need more"
            raise ValueError(f"{path}, line {number}: {len(cells)} column(s) between tabs; {wanted}")
        place = f"{path}, line {number}, column"
        lines.append(tuple(_filled(cells[column], f"{place} {column}") for column in (src_column, trg_column)))
    return _split(lines, valid, test, seed, max_tokens)


def _split(lines: Lines, valid: float, test: float, seed: int, max_tokens: int) -> ParallelCorpus:
    """Draw the validation and test parts among the pairs that share no sentence with another pair."""
    if not (valid >= 0 and test >= 0 and valid + test < 1):
        raise ValueError(f"valid={valid} and test={test} must be shares of the pairs: 0.1 is a tenth")
    pairs = [pair for pair in tokenize_pairs(lines) if max(len(pair.src), len(pair.trg)) <= max_tokens]
    pairs = list(dict.fromkeys(pairs))
    random.Random(seed).shuffle(pairs)
    src_count, trg_count = Counter(pair.src for pair in pairs), Counter(pair.trg for pair in pairs)
    alone = [pair for pair in pairs if src_count[pair.src] == trg_count[pair.trg] == 1]
    n_valid, n_test = (max(1, round(share * len(pairs))) if share else 0 for share in (valid, test))
    if n_valid + n_test > len(alone) or n_valid + n_test >= len(pairs):
        found = f"{len(pairs)} different pairs of up to {max_tokens} tokens, {len(alone)} sharing no sentence"
        raise ValueError(f"{found}, are too few to keep {n_valid} to validate and {n_test} to test")
    held_out = set(alone[: n_valid + n_test])
    train = [pair for pair in pairs if pair not in held_out]
    return ParallelCorpus(train, alone[:n_valid], alone[n_valid : n_valid + n_test])

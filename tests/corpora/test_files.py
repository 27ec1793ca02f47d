import gzip
import re
import subprocess
import sys
import tempfile
import zlib

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from parallel_text import write

from s2s_lib.corpora.files import from_files, from_tsv, read_lines, read_parallel, tokenize_pairs

sentences = st.text(st.characters(exclude_characters="\0\r\n\ufeff", exclude_categories=["Cs"]), min_size=1)
sentences = sentences.filter(str.strip)


# ---------------------------------------------------------------- lines


@given(
    st.lists(sentences, min_size=1),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\ufeff"]),
    st.sampled_from(["", "\n", "\n \n\n"]),
    st.sampled_from(["text", "text.gz"]),
)
def test_lines_come_back_as_written_whatever_ends_them(lines, newline, mark, end, name):
    with tempfile.TemporaryDirectory() as folder:
        assert read_lines(write(folder, name, mark + newline.join(lines) + end)) == lines


def test_only_a_line_feed_ends_a_line(tmp_path):
    odd = "a\u2028b\u2029c\u0085d\x0be\x0cf\x1cg\rh"
    assert read_lines(write(tmp_path, "odd", f"{odd}\nsecond\n")) == [odd, "second"]


def test_every_cut_of_a_gzip_is_noticed(tmp_path):
    whole = gzip.compress(b"une phrase\n" * 5)
    for length in range(len(whole)):
        path = tmp_path / "cut.gz"
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"cut\.gz"):
            read_lines(path)


def test_every_damaged_byte_of_a_gzip_is_noticed_or_harmless(tmp_path):
    path, whole = tmp_path / "bad.gz", gzip.compress(b"une phrase et une autre phrase\n" * 2, mtime=0)
    causes = set()
    for position in range(len(whole)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0xFF]) + whole[position + 1 :])
        try:
            assert read_lines(path) == ["une phrase et une autre phrase"] * 2
        except ValueError as error:
            causes.add(type(error.__cause__))
    assert causes == {EOFError, zlib.error, gzip.BadGzipFile}


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n\n", b" \r\n\t\n"])
def test_a_file_without_text_is_refused(tmp_path, data):
    with pytest.raises(ValueError, match=r"empty\.txt: no text"):
        read_lines(write(tmp_path, "empty.txt", data))


def test_undecodable_bytes_are_located(tmp_path):
    path = write(tmp_path, "latin1.txt", "un\ndeux\ncafé\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"latin1\.txt, line 3: byte 0xe9 at position 3 is not UTF-8"):
        read_lines(path)


@pytest.mark.parametrize("data", ["un\ndeux\n".encode("utf-16-le"), "un\ndeux".encode("utf-16-be"), b"u\0n\ndeux"])
def test_bytes_of_no_text_are_located_and_the_remedy_is_named(tmp_path, data):
    path = write(tmp_path, "windows.txt", data)
    with pytest.raises(ValueError, match=r"windows\.txt, line 1: byte [01] is 0, as in UTF-16.*save the file as UTF-8"):
        read_lines(path)
    path = write(tmp_path, "late.txt", b"un\ndeux\0\n")
    with pytest.raises(ValueError, match=r"late\.txt, line 2: byte 4 is 0"):
        read_lines(path)


def test_utf_16_with_its_mark_is_refused_by_that(tmp_path):
    with pytest.raises(ValueError, match=r"line 1: byte 0xff at position 0 is not UTF-8; save the file as UTF-8"):
        read_lines(write(tmp_path, "marked.txt", "\ufeff日本".encode("utf-16-le")))


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    for path in (tmp_path / "nowhere.fr", tmp_path):
        with pytest.raises(FileNotFoundError, match=re.escape(f"{path}: no such file")):
            read_lines(path)


# ---------------------------------------------------------------- parallel files


@given(st.lists(st.tuples(sentences, sentences), min_size=1))
def test_line_n_is_paired_with_line_n_untouched(pairs):
    with tempfile.TemporaryDirectory() as folder:
        src = write(folder, "a.gz", "\n".join(src for src, _ in pairs) + "\n")
        trg = write(folder, "b", "\r\n".join(trg for _, trg in pairs))
        assert read_parallel(src, trg) == pairs


def test_unequal_numbers_of_lines_are_both_said(tmp_path):
    src, trg = write(tmp_path, "a.fr", "un\ndeux\ntrois\n"), write(tmp_path, "a.en", "one\ntwo\n")
    with pytest.raises(ValueError, match=r"a\.fr has 3 lines, .*a\.en has 2"):
        read_parallel(src, trg)


@pytest.mark.parametrize("blank", ["", " \t", "\u00a0", "\u2028"])
def test_an_empty_side_is_located(tmp_path, blank):
    full, hollow = write(tmp_path, "full", "un\ndeux\ntrois\n"), write(tmp_path, "hollow", f"a\n{blank}\nc\n")
    for src, trg in ((full, hollow), (hollow, full)):
        with pytest.raises(ValueError, match="hollow, line 2: no sentence here"):
            read_parallel(src, trg)


def test_tokens_are_lower_case_and_keep_their_order():
    [pair] = tokenize_pairs([("L'Homme rit.", "The man laughs.")])
    assert pair == (("l'", "homme", "rit", "."), ("the", "man", "laughs", "."), None)


# ---------------------------------------------------------------- a corpus of one's own


def own_corpus(folder, pairs, **options):
    src = write(folder, "own.fr", "\n".join(src for src, _ in pairs))
    return from_files(src, write(folder, "own.en", "\n".join(trg for _, trg in pairs)), **options)


few_words = st.sampled_from([f"w{n}" for n in range(80)])


@given(st.lists(st.tuples(few_words, few_words), min_size=1, max_size=50), st.integers(0, 3))
def test_no_sentence_is_in_two_parts_and_no_pair_is_lost(pairs, seed):
    with tempfile.TemporaryDirectory() as folder:
        try:
            corpus = own_corpus(folder, pairs, valid=0.1, test=0.2, seed=seed)
        except ValueError:
            reject()  # too few pairs share no sentence: a test of its own
    count = len(set(pairs))
    assert sorted((p.src[0], p.trg[0]) for part in corpus for p in part) == sorted(set(pairs))
    assert [len(corpus.valid), len(corpus.test)] == [max(1, round(0.1 * count)), max(1, round(0.2 * count))]
    for side in ("src", "trg"):
        parts = [{getattr(pair, side) for pair in part} for part in corpus]
        assert sum(map(len, parts)) == len(set.union(*parts))


def test_enough_text_can_always_be_split_and_the_seed_decides_how(tmp_path):
    pairs = [(f"phrase {n}", f"sentence {n}") for n in range(100)]
    corpus = own_corpus(tmp_path, pairs, seed=1)
    assert [len(part) for part in corpus] == [80, 10, 10]
    assert own_corpus(tmp_path, pairs, seed=1) == corpus
    assert own_corpus(tmp_path, pairs, seed=2).test != corpus.test


def test_sentences_with_several_translations_are_only_learned_from(tmp_path):
    several = {("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")}
    corpus = own_corpus(tmp_path, [*several, *((f"c{n}", f"z{n}") for n in range(6))], valid=0.3, test=0.2)
    assert several <= {(pair.src[0], pair.trg[0]) for pair in corpus.train}
    assert [len(part) for part in corpus] == [5, 3, 2]


def test_too_few_sentences_of_their_own_are_refused(tmp_path):
    same = [("la même", f"translation {n}") for n in range(20)]
    with pytest.raises(ValueError, match=r"20 different pairs .* 0 sharing no sentence, are too few to keep 2"):
        own_corpus(tmp_path, same)
    assert len(own_corpus(tmp_path, same, valid=0, test=0).train) == 20


def test_held_out_parts_that_would_leave_nothing_to_learn_from_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"2 different pairs .* too few to keep 1 to validate and 1 to test"):
        own_corpus(tmp_path, [("un", "one"), ("deux", "two")])


def test_long_pairs_are_left_out_on_either_side(tmp_path):
    pairs = [("a b c", "x"), ("d", "x y z"), ("e f", "y z"), ("g h", "u v")]
    kept = own_corpus(tmp_path, pairs, valid=0, test=0, max_tokens=2).train
    assert {pair.src for pair in kept} == {("e", "f"), ("g", "h")}


@pytest.mark.parametrize("shares", [{"valid": 500}, {"test": -0.1}, {"valid": 0.5, "test": 0.5}])
def test_what_is_not_a_share_is_refused(tmp_path, shares):
    with pytest.raises(ValueError, match="must be shares of the pairs"):
        own_corpus(tmp_path, [("un", "one")], **shares)


@pytest.mark.parametrize(("limit", "error"), [(0, ValueError), (-1, ValueError), (2.5, TypeError), ("9", TypeError)])
def test_a_limit_of_no_tokens_is_refused(tmp_path, limit, error):
    with pytest.raises(error, match="max_tokens"):
        own_corpus(tmp_path, [("un", "one")], max_tokens=limit)


# ---------------------------------------------------------------- tables


def test_a_tatoeba_table_is_read_from_french_to_english_unless_told_otherwise(tmp_path):
    path = write(tmp_path, "fra.txt", "Go.\tVa !\tCC-BY 2.0 #1\r\nRun!\tCours !\r\n")
    there = from_tsv(path, valid=0, test=0).train
    assert {(pair.src, pair.trg) for pair in there} == {(("va", "!"), ("go", ".")), (("cours", "!"), ("run", "!"))}
    back = from_tsv(path, src_column=0, trg_column=1, valid=0, test=0).train
    assert {(pair.trg, pair.src) for pair in back} == {(pair.src, pair.trg) for pair in there}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("Go.\tVa !\nRun!\n", r"fra\.txt, line 2: 1 column\(s\) between tabs; src_column=1"),
        ("Go.\tVa !\n\nRun!\tCours !\n", r"fra\.txt, line 2: 1 column"),
        ("Go.\tVa !\nRun!\t \tCC-BY\n", r"fra\.txt, line 2, column 1: no sentence here"),
        ("\tVa !\n", r"fra\.txt, line 1, column 0: no sentence here"),
    ],
)
def test_a_broken_row_is_located(tmp_path, table, message):
    with pytest.raises(ValueError, match=message):
        from_tsv(write(tmp_path, "fra.txt", table))


@pytest.mark.parametrize("column", ["src_column", "trg_column"])
@pytest.mark.parametrize(("value", "error"), [(-1, ValueError), (1.0, TypeError), ("1", TypeError)])
def test_columns_count_from_0(tmp_path, column, value, error):
    with pytest.raises(error, match=column):
        from_tsv(write(tmp_path, "fra.txt", "Go.\tVa !\n"), **{column: value})


def test_each_column_can_be_asked_for(tmp_path):
    path = write(tmp_path, "t", "a\tb\tc\n")
    for src in range(3):
        for trg in range(3):
            (pair,) = from_tsv(path, src_column=src, trg_column=trg, valid=0, test=0).train
            assert pair[:2] == (("abc"[src],), ("abc"[trg],))


def test_the_corpora_load_neither_babel_nor_pooch():
    code = "import sys, s2s_lib.corpora; sys.exit(', '.join({'babel', 'pooch'} & set(sys.modules)) or 0)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stderr == ""

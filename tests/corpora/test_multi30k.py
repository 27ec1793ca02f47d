import functools
import hashlib
import http.server
import os
import re
import socket
import threading
from pathlib import Path

import pooch
import pytest
from parallel_text import files_under, write

from s2s_lib.corpora import multi30k, multi30k_lines
from s2s_lib.corpora.files import tokenize_pairs
from s2s_lib.corpora.multi30k import _store
from s2s_lib.corpora.tokenizers import Words

RAW = "data/task1/raw"
PARTS = {"train": "train", "valid": "val", "test": "test_2016_flickr"}
TEXT = {"fr": "Un homme n° {} dort.\nL'autre\u2028lit\u0085.\n", "en": "Man no. {} sleeps.\nThe other one reads.\n"}


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serve a folder silently; a server with `cut` set promises more bytes than it sends."""

    def log_message(self, *args):
        self.server.requests += 1

    def send_header(self, name, value):
        if name == "Content-Length" and self.server.cut:
            value = int(value) + 10
        super().send_header(name, value)


@pytest.fixture(autouse=True)
def no_proxy_and_no_copy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("S2S_MULTI30K", raising=False)


@pytest.fixture
def root(tmp_path):
    """Make a copy of Multi30k with two sentences a part."""
    for part, file in PARTS.items():
        for language, text in TEXT.items():
            write(tmp_path, f"root/{RAW}/{file}.{language}.gz", text.format(part))
    return tmp_path / "root"


@pytest.fixture
def server(root):
    handler = functools.partial(Handler, directory=root)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.requests, server.cut = 0, False
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def store(server, root, tmp_path):
    digests = {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files_under(root)}
    return pooch.create(tmp_path / "cache", f"http://127.0.0.1:{server.server_port}/", registry=digests)


def expected(part):
    return list(zip(TEXT["fr"].format(part).split("\n")[:-1], TEXT["en"].format(part).split("\n")[:-1], strict=True))


@pytest.mark.parametrize("part", PARTS)
def test_raw_lines_are_those_of_the_files(root, part):
    assert multi30k_lines(part, root) == expected(part)
    assert multi30k_lines(part, root, src="en", trg="fr") == [(en, fr) for fr, en in expected(part)]


def test_the_corpus_is_the_tokenized_parts(root):
    assert multi30k(root) == tuple(tokenize_pairs(expected(part)) for part in PARTS)
    assert multi30k(root).tokenizers == (Words("fr"), Words("en"))
    assert multi30k(root, src="en", trg="fr").tokenizers == (Words("en"), Words("fr"))


def test_the_environment_names_a_copy_and_an_argument_beats_it(root, tmp_path, monkeypatch):
    monkeypatch.setenv("S2S_MULTI30K", str(root))
    assert multi30k_lines("test") == expected("test")
    with pytest.raises(FileNotFoundError, match=r"elsewhere.*train\.fr\.gz: no such file; root must be a copy"):
        multi30k_lines("train", tmp_path / "elsewhere")


def test_a_download_is_made_once_and_then_read_offline(server, store, monkeypatch):
    monkeypatch.setenv("S2S_MULTI30K", "an explicit store comes first")
    first = multi30k(store=store)
    assert first.test == tokenize_pairs(expected("test"))
    assert server.requests == 6
    server.shutdown()
    server.server_close()
    assert multi30k(store=store) == first
    assert server.requests == 6


def test_a_damaged_cache_is_fetched_again(store):
    multi30k_lines("test", store=store)
    for path in files_under(store.abspath):
        path.write_bytes(path.read_bytes()[:-5])
    assert multi30k_lines("test", store=store) == expected("test")


def test_a_wrong_hash_is_said_and_leaves_no_file(store, server):
    name = f"{RAW}/train.fr.gz"
    store.registry[name] = "0" * 64
    with pytest.raises(ValueError, match=r"train\.fr\.gz.* does not match the known hash.*root="):
        multi30k_lines("train", store=store)
    assert server.requests == 1
    assert files_under(store.abspath) == []


def test_a_transfer_cut_short_is_said_and_leaves_no_file(store, server):
    server.cut = True
    with pytest.raises(OSError, match=r"train\.fr\.gz: not in the cache .* can't be fetched"):
        multi30k_lines("train", store=store)
    assert server.requests == 1
    assert files_under(store.abspath) == []


def test_a_file_that_the_server_lacks_is_said(store, root):
    (root / RAW / "val.en.gz").unlink()
    with pytest.raises(OSError, match=r"val\.en\.gz: not in the cache .*HTTPError"):
        multi30k_lines("valid", store=store)


def test_offline_with_an_empty_cache_the_way_out_is_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    names = {f"{RAW}/train.{language}.gz": "0" * 64 for language in ("fr", "en")}
    store = pooch.create(tmp_path / "cache", f"http://127.0.0.1:{port}/", registry=names)
    with pytest.raises(OSError, match=r"not in the cache .*cache.* by root= or S2S_MULTI30K"):
        multi30k_lines("train", store=store)
    assert files_under(tmp_path) == []


def test_unknown_parts_and_languages_are_refused(root, store):
    with pytest.raises(ValueError, match="the parts train, valid, test, not 'dev'"):
        multi30k_lines("dev", root)
    with pytest.raises(ValueError, match=r"train\.xx\.gz; the languages are de, en and fr"):
        multi30k_lines("train", src="xx", store=store)


def test_the_default_store_pins_a_commit_and_nine_files():
    store = _store()
    assert re.fullmatch(r"https://raw\.githubusercontent\.com/multi30k/dataset/[0-9a-f]{40}/", store.base_url)
    files = {f"{RAW}/{file}.{language}.gz" for file in PARTS.values() for language in ("de", "en", "fr")}
    assert set(store.registry) == files


COPY = os.environ.get("S2S_MULTI30K")  # read before the fixture hides it
REQUIRED = os.environ.get("S2S_REQUIRE_MULTI30K")  # where the copy must be there, a test without it fails
needs_copy = pytest.mark.skipif(not COPY and not REQUIRED, reason="S2S_MULTI30K names no copy of multi30k/dataset")


@needs_copy
def test_the_pinned_hashes_are_those_of_the_copy():
    for name, known in _store().registry.items():
        assert known == "sha256:" + hashlib.sha256((Path(COPY) / name).read_bytes()).hexdigest()


@needs_copy
def test_multi30k_has_its_published_sizes_and_reads_as_french_to_english():
    corpus = multi30k(COPY)
    assert [len(part) for part in corpus] == [29_000, 1_014, 1_000]
    raw = multi30k_lines("test", COPY)
    assert tokenize_pairs(raw) == corpus.test
    assert all(pair.src and pair.trg for part in corpus for pair in part)
    assert sum("un" in pair.src for pair in corpus.test) > 500 < sum("a" in pair.trg for pair in corpus.test)

"""Files: what was saved comes back, and whatever else a file may hold ends in one clear error."""

import json
import math
import random
import struct
from contextlib import suppress

import pytest
import safetensors.torch
import tiny
import torch

from s2s_lib.atomic import replacing
from s2s_lib.corpora.text import SPECIALS
from s2s_lib.corpora.tokenizers import Words
from s2s_lib.corpora.vocab import Vocab
from s2s_lib.learning.checkpoints import CheckpointError, load_model, save_model
from s2s_lib.model.seq2seq import Seq2Seq
from s2s_lib.translating.translator import Translator

KINDS = [
    pytest.param({"attention": attention, "cell": cell, "num_layers": layers, "bidirectional": both}, id=name)
    for attention in tiny.ATTENTIONS
    for cell, layers, both in (("gru", 1, False), ("lstm", 2, True))
    for name in [f"{attention}-{cell}-{layers}"]
]


@pytest.fixture
def saved(tmp_path):
    """A translator's file."""
    path = tmp_path / "model.safetensors"
    translator().save(path)
    return path


def translator(seed=0):
    src, trg = (Vocab([*SPECIALS, *(f"w{i}" for i in range(size - 4))]) for size in (tiny.SRC_VOCAB, tiny.TRG_VOCAB))
    return Translator(tiny.model(seed=seed), src, trg, about="a test")


def parts(data: bytes) -> tuple[dict, bytes]:
    """Split a safetensors file into its header and its numbers."""
    (length,) = struct.unpack("<Q", data[:8])
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def joined(header: dict, numbers: bytes) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + numbers


def refused(path, load=Translator.load):
    """Check that loading ends in one error, of one kind, that names the file."""
    with pytest.raises(CheckpointError) as error:
        load(path)
    assert str(path) in str(error.value)
    return True


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_a_model_comes_back_bit_for_bit(kind, tmp_path):
    model, batch = tiny.model(**kind), tiny.batch()
    save_model(tmp_path / "m", model, {"any": ["JSON", 1, None, "é"]})
    loaded, extra = load_model(tmp_path / "m")
    assert torch.equal(loaded(batch), model(batch))
    assert extra == {"any": ["JSON", 1, None, "é"]}
    assert loaded.config == model.config
    assert not loaded.training
    assert loaded.decoder.output.weight is loaded.decoder.embedding.weight


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_half_precision_halves_the_file_and_stays_close(kind, tmp_path):
    model, batch = tiny.model(**kind), tiny.batch()
    for name, dtype in (("full", torch.float32), ("half", torch.float16)):
        save_model(tmp_path / name, model, {}, dtype)
    loaded, _ = load_model(tmp_path / "half")
    torch.testing.assert_close(loaded(batch), model(batch), atol=0.05, rtol=0.01)
    assert all(weight.dtype == torch.float32 for weight in loaded.parameters())
    numbers = [len(parts((tmp_path / name).read_bytes())[1]) for name in ("full", "half")]
    assert numbers[0] == 2 * numbers[1]


def test_saving_changes_nothing_of_the_model(tmp_path):
    model = tiny.model()
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    save_model(tmp_path / "m", model, {}, torch.float16)
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())


def test_the_tied_matrix_is_stored_once(saved):
    names = [name for name in parts(saved.read_bytes())[0] if name != "__metadata__"]
    assert "decoder.embedding.weight" in names
    assert "decoder.output.weight" not in names


def test_a_model_that_cannot_be_built_again_is_not_saved(tmp_path):
    model = tiny.model()
    with pytest.raises(ValueError, match="build_model"):
        save_model(tmp_path / "m", Seq2Seq(model.encoder, model.decoder), {})
    assert list(tmp_path.iterdir()) == []


def test_a_truncated_file_is_refused_wherever_it_ends(saved):
    data = saved.read_bytes()
    header = 8 + struct.unpack("<Q", data[:8])[0]
    ends = {0, 1, 7, 8, 9, header - 1, header, header + 1, len(data) - 1}
    for end in sorted(ends | set(random.Random(0).sample(range(len(data)), 25))):
        saved.write_bytes(data[:end])
        assert refused(saved)


def test_random_bytes_are_refused(tmp_path):
    rng = random.Random(0)
    for size in (1, 8, 100, 5000):
        (tmp_path / "noise").write_bytes(rng.randbytes(size))
        assert refused(tmp_path / "noise")


def test_a_file_with_bytes_too_many_is_refused(saved):
    saved.write_bytes(saved.read_bytes() + b"more")
    assert refused(saved)


def test_a_foreign_file_is_refused(tmp_path):
    for name, metadata in (("plain", None), ("other", {"format": "pt"})):
        safetensors.torch.save_file({"x": torch.zeros(2)}, tmp_path / name, metadata=metadata)
        assert refused(tmp_path / name)
    torch.save({"x": torch.zeros(2)}, tmp_path / "pickle")
    assert refused(tmp_path / "pickle")
    (tmp_path / "text").write_text("a page that says: not found", encoding="utf-8")
    assert refused(tmp_path / "text")


def with_config(**changes):
    return lambda meta: meta | {"config": json.dumps(json.loads(meta["config"]) | changes)}


def with_extra(**changes):
    return lambda meta: meta | {"extra": json.dumps(json.loads(meta["extra"]) | changes)}


def without(part, name):
    return lambda meta: meta | {part: json.dumps({k: v for k, v in json.loads(meta[part]).items() if k != name})}


WORDS = {
    "tokens": [*SPECIALS, *(f"w{i}" for i in range(tiny.SRC_VOCAB - 4))],
    "tokenizer": "words",
    "state": {"language": "", "lowercase": True},
}
EDITS = {
    "another size": with_config(hidden_size=9),
    "another embedding": with_config(embedding_dim=7),
    "another number of layers": with_config(num_layers=2),
    "another cell": with_config(cell="lstm"),
    "a cell that does not exist": with_config(cell="xyz"),
    "one direction": with_config(bidirectional=False),
    "another attention": with_config(attention="concat"),
    "no attention": with_config(attention=None),
    "an attention that does not exist": with_config(attention="xyz"),
    "an argument that does not exist": with_config(heads=8),
    "a size of the wrong type": with_config(hidden_size="8"),
    "a negative size": with_config(hidden_size=-8),
    "a size beyond all memory": with_config(hidden_size=10**12),
    "a config that is no JSON": lambda meta: meta | {"config": "{"},
    "a config that is a list": lambda meta: meta | {"config": "[]"},
    "a config that is a number": lambda meta: meta | {"config": "3"},
    "no config": lambda meta: {k: v for k, v in meta.items() if k != "config"},
    "no extra": lambda meta: {k: v for k, v in meta.items() if k != "extra"},
    "an extra that is a list": lambda meta: meta | {"extra": "[]"},
    "an extra that is no JSON": lambda meta: meta | {"extra": "x"},
    "another version": lambda meta: meta | {"format": "s2s_lib translator 999"},
    "no language": without("extra", "src"),
    "no rules": without("extra", "rules"),
    "a vocabulary that is none": with_extra(trg={**WORDS, "tokens": ["a", "b"]}),
    "a vocabulary of another size": with_extra(src={**WORDS, "tokens": [*SPECIALS, "a"]}),
    "a tokenizer that does not exist": with_extra(src={**WORDS, "tokenizer": "xyz"}),
    "a tokenizer of another state": with_extra(src={**WORDS, "state": {"colour": "red"}}),
    "a tokenizer without a state": with_extra(src={"tokens": WORDS["tokens"], "tokenizer": "words"}),
    "a rule that does not exist": with_extra(rules={"colour": "red"}),
    "a field that does not exist": with_extra(colour="red"),
    "an attention of its author's": with_config(attention={"own": "Cosine"}),
    "an order that does not exist": with_config(order="cho"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_header_that_does_not_fit_is_refused(edit, saved):
    header, numbers = parts(saved.read_bytes())
    header["__metadata__"] = EDITS[edit](header["__metadata__"])
    saved.write_bytes(joined(header, numbers))
    assert refused(saved)


def test_an_edited_file_that_fits_is_read(saved):
    header, numbers = parts(saved.read_bytes())
    header["__metadata__"] = with_extra(about="edited")(header["__metadata__"])
    saved.write_bytes(joined(header, numbers))
    assert Translator.load(saved).about == "edited"


def former(metadata):
    """Write a header as the library did before it knew languages."""
    extra, config = json.loads(metadata["extra"]), json.loads(metadata["config"])
    tokens = {f"{side}_vocab": extra[side]["tokens"] for side in ("src", "trg")}
    old = {**tokens, "tokenizer": "words", "about": "old"}
    kept = {name: value for name, value in config.items() if name not in ("order", "bridge_size")}
    return {"format": "s2s_lib translator 1", "config": json.dumps(kept), "extra": json.dumps(old)}


def test_a_file_of_the_former_format_is_read(saved):
    new = Translator.load(saved)
    header, numbers = parts(saved.read_bytes())
    header["__metadata__"] = former(header["__metadata__"])
    saved.write_bytes(joined(header, numbers))
    old = Translator.load(saved)
    assert (old.src_vocab, old.trg_vocab, old.about, old.rules) == (new.src_vocab, new.trg_vocab, "old", new.rules)
    assert [vocab.tokenizer for vocab in old.vocabs] == [Words(), Words("en")]
    assert old.translate("w1 w2").candidates == new.translate("w1 w2").candidates
    header["__metadata__"]["extra"] = json.dumps(json.loads(header["__metadata__"]["extra"]) | {"colour": "red"})
    saved.write_bytes(joined(header, numbers))
    assert refused(saved)


@pytest.mark.parametrize("name", ["encoder.embedding.weight", "decoder.rnn.bias_ih_l0", "decoder.attention.score.W_a"])
@pytest.mark.parametrize("change", ["missing", "renamed", "narrower", "scalar"])
def test_tensors_that_do_not_fit_are_refused(name, change, saved):
    with safetensors.safe_open(saved, framework="pt") as file:
        metadata, tensors = file.metadata(), {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    tensor = tensors.pop(name)
    if change == "renamed":
        tensors[f"{name}_"] = tensor
    if change == "narrower":
        tensors[name] = tensor[..., :-1].contiguous()
    if change == "scalar":
        tensors[name] = torch.tensor(1.0)
    safetensors.torch.save_file(tensors, saved, metadata=metadata)
    assert refused(saved)


def test_a_file_that_is_not_there_is_named(tmp_path):
    (tmp_path / "folder").mkdir()
    for load in (load_model, Translator.load):
        for name in ("nowhere", "folder"):
            with pytest.raises(FileNotFoundError, match=name):
                load(tmp_path / name)


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_save_that_fails_leaves_the_old_file_and_nothing_else(error, saved, monkeypatch):
    before, write = saved.read_bytes(), type(saved).write_bytes

    def half(path, data):
        write(path, data[: len(data) // 2])
        raise error

    monkeypatch.setattr(type(saved), "write_bytes", half)
    with pytest.raises(type(error)):
        translator(seed=1).save(saved)
    monkeypatch.undo()
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


def test_a_new_file_replaces_the_old_one_only_when_it_is_whole(tmp_path):
    path = tmp_path / "new" / "within" / "file"  # neither folder is there yet
    with replacing(path) as temporary:
        temporary.write_text("one", encoding="utf-8")
        assert not path.exists()
        assert temporary.parent == path.parent  # the same disk, so that the move is one step
    assert path.read_text(encoding="utf-8") == "one"
    with suppress(ZeroDivisionError), replacing(path) as temporary:
        temporary.write_text("tw", encoding="utf-8")
        1 / 0  # noqa: B018
    assert path.read_text(encoding="utf-8") == "one"
    assert list(path.parent.iterdir()) == [path]


def test_weights_that_are_no_numbers_come_back_as_they_were(tmp_path):
    model = tiny.model()
    with torch.no_grad():
        model.encoder.bridge.bias[0] = math.nan
    save_model(tmp_path / "m", model, {})
    assert load_model(tmp_path / "m")[0].encoder.bridge.bias[0].isnan()

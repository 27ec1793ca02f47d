"""`Translator`: a model with its vocabularies and tokenizer. Raw text in, readable text out."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from ..corpora.text import EOS, PAD, UNK, detokenize, tokenize
from ..corpora.vocab import Vocab
from ..learning.checkpoints import CheckpointError, load_model, save_model
from ..model.batching import pad
from ..model.seq2seq import Seq2Seq
from .decoding import beam_search, greedy, limits
from .trace import Edits, Seen, Trace, checked_edits, explain, greedy_with_edits, likeliest, log_prob

SHIPPED = Path(__file__).parent / "shipped"
CANDIDATES = 5  # kept per step in a trace
AT_ONCE = 50  # sentences in a batch of `translate_many`

Text = str | Sequence[str]  # raw text, or the tokens of a corpus


def shipped() -> list[str]:
    """Name the translators that come with the library."""
    return sorted(path.stem for path in SHIPPED.glob("*.safetensors"))


class Translator:
    """Translates text, and tells how it came about. Made by `Translator.load`, or of a model of your own."""

    def __init__(
        self,
        model: Seq2Seq,
        src_vocab: Vocab,
        trg_vocab: Vocab,
        *,
        tokenizer: str = "words",
        about: str = "",
    ):
        """Join a model and its vocabularies; `tokenizer` is "words" or "characters", `about` says where it is from."""
        if tokenizer not in ("words", "characters"):
            raise ValueError(f'tokenizer={tokenizer!r}: choose "words" or "characters"')
        sizes = model.encoder.embedding.num_embeddings, model.decoder.embedding.num_embeddings
        if sizes != (len(src_vocab), len(trg_vocab)):
            raise ValueError(f"vocabularies of {len(src_vocab)} and {len(trg_vocab)} tokens for a model of {sizes}")
        self.model, self.src_vocab, self.trg_vocab = model.eval(), src_vocab, trg_vocab
        self.tokenizer, self.about = tokenizer, about
        self.kind = (model.config or {}).get("attention")

    def __repr__(self) -> str:
        """Show the sizes, the same on every machine."""
        return f"Translator(attention={self.kind!r}, {len(self.src_vocab)} -> {len(self.trg_vocab)} words)"

    @classmethod
    def load(cls, name_or_path: str | Path) -> "Translator":
        """Load a shipped translator by its name, or any by its path.

        Raises FileNotFoundError, naming the ones there are, or CheckpointError for a file that is damaged.
        """
        named = SHIPPED / f"{name_or_path}.safetensors"
        if not named.exists() and not Path(name_or_path).exists():
            raise FileNotFoundError(f"no translator {str(name_or_path)!r}: shipped are {', '.join(shipped())}")
        model, extra = load_model(named if named.exists() else name_or_path)
        try:
            vocabs = Vocab(extra.pop("src_vocab")), Vocab(extra.pop("trg_vocab"))
            return cls(model, *vocabs, **extra)
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"{name_or_path} holds a model, but no translator ({error})") from error

    def save(self, path: str | Path, dtype: torch.dtype = torch.float32) -> None:
        """Write one safetensors file; float16 halves its size."""
        vocabs = {"src_vocab": self.src_vocab.tokens, "trg_vocab": self.trg_vocab.tokens}
        save_model(path, self.model, {**vocabs, "tokenizer": self.tokenizer, "about": self.about}, dtype)

    def translate(
        self,
        text: Text,
        beam_size: int = 1,
        *,
        forced: Text | None = None,
        edits: Edits | None = None,
        gold: Collection[tuple[int, int]] | None = None,
        max_len: int | None = None,
        length_penalty: float = 1.0,
    ) -> Trace:
        """Translate one sentence.

        `forced` gives the output instead of decoding it (teacher forcing): the trace tells what the model thinks of
        each of its words. `edits` sets the attention weights of some steps, {step: weights per source token};
        decoding goes on from there, greedily. `gold` is handed on to the trace. Text without words gives an empty
        trace.
        """
        source = self.split(text)
        rows = checked_edits(edits, len(source))
        if not source:
            return self._empty()
        ids = self._ids(source, self.src_vocab)
        if forced is not None and any(
            not (0 <= i < len(source) and 0 <= j < len(self.split(forced))) for i, j in gold or ()
        ):
            raise ValueError(f"gold: a pair (source word, output word) outside the sentences, in {sorted(gold)}")
        if forced is not None:
            target = [*self._ids(self.split(forced), self.trg_vocab), EOS]
        elif rows:
            target = greedy_with_edits(
                self.model, torch.tensor([ids]), rows, int(limits(torch.ones(1, len(ids), dtype=torch.bool), max_len))
            )
        else:
            target = self._decode([ids], beam_size, max_len, length_penalty)[0]
        rows = {step: row for step, row in rows.items() if step < len(target)}
        seen = explain(self.model, [ids], [target], rows)[0]
        return self._trace(source, target, seen, rows, gold, None if forced is None else [*self.split(forced), "<eos>"])

    def translate_many(
        self, texts: Iterable[Text], beam_size: int = 1, max_len: int | None = None, length_penalty: float = 1.0
    ) -> list[Trace]:
        """Translate sentences in batches of about equal length; the traces come in the order of `texts`."""
        sources = [self.split(text) for text in texts]
        traces = [self._empty()] * len(sources)
        order = sorted((i for i, source in enumerate(sources) if source), key=lambda i: len(sources[i]))
        for start in range(0, len(order), AT_ONCE):
            chosen = order[start : start + AT_ONCE]
            ids = [self._ids(sources[i], self.src_vocab) for i in chosen]
            targets = self._decode(ids, beam_size, max_len, length_penalty)
            for i, target, seen in zip(chosen, targets, explain(self.model, ids, targets), strict=True):
                traces[i] = self._trace(sources[i], target, seen)
        return traces

    def split(self, text: Text) -> list[str]:
        """Split raw text into tokens as typed; tokens of a corpus stay as they are."""
        if not isinstance(text, str):
            return list(text)
        return list(text.strip()) if self.tokenizer == "characters" else tokenize(text, lowercase=False)

    def encode(self, src: Text, trg: Text) -> tuple[list[int], list[int]]:
        """Look up a sentence pair in the two vocabularies."""
        return self._ids(self.split(src), self.src_vocab), self._ids(self.split(trg), self.trg_vocab)

    def _ids(self, tokens: Sequence[str], vocab: Vocab) -> list[int]:
        # A word is known if it is known in lower case; characters keep their case.
        return vocab.encode(tokens if self.tokenizer == "characters" else [token.lower() for token in tokens])

    def _decode(
        self, ids: list[list[int]], beam_size: int, max_len: int | None, length_penalty: float
    ) -> list[list[int]]:
        src = pad(ids)
        if beam_size == 1:
            tokens, _ = greedy(self.model, src, src != PAD, max_len)
            return [[token for token in row if token != PAD] for row in tokens.tolist()]
        found = beam_search(self.model, src, src != PAD, beam_size, max_len, length_penalty)
        best = [hypotheses[0] for hypotheses in found]
        return [[*hypothesis.tokens, *[EOS] * hypothesis.finished] for hypothesis in best]

    def _trace(
        self,
        source: list[str],
        target: list[int],
        seen: Seen,
        edited: Iterable[int] = (),
        gold: Collection[tuple[int, int]] | None = None,
        given: list[str] | None = None,
    ) -> Trace:
        words, copied = (given, [False] * len(given)) if given else self._written(source, target, seen.weights)
        return Trace(
            kind=self.kind,
            src=tuple(source),
            trg=tuple(words),
            text=self._join(words[:-1] if target[-1] == EOS else words),
            unknown=tuple(index == UNK for index in self._ids(source, self.src_vocab)),
            copied=tuple(copied),
            candidates=likeliest(seen.logits, self.trg_vocab.tokens, CANDIDATES),
            log_prob=log_prob(seen.logits, target),
            states=seen.states,
            queries=seen.queries,
            scores=seen.scores,
            weights=seen.weights,
            contexts=seen.contexts,
            operands=seen.operands,
            edited=tuple(edited),
            gold=None if gold is None else frozenset(gold),
        )

    def _written(self, source: list[str], target: list[int], weights: Tensor | None) -> tuple[list[str], list[bool]]:
        # For <unk> stands the source word that the decoder looked at most (Jean et al. 2015, section 3.3).
        copied = [token == UNK and weights is not None for token in target]
        looked_at = [] if weights is None else weights.argmax(1).tolist()
        known = [self.trg_vocab.tokens[token] for token in target]
        return [source[looked_at[t]] if copied[t] else word for t, word in enumerate(known)], copied

    def _join(self, words: list[str]) -> str:
        return "".join(words) if self.tokenizer == "characters" else detokenize(words)

    def _empty(self) -> Trace:
        size = self.model.decoder.rnn.hidden_size
        return Trace(self.kind, (), (), "", (), (), (), 0.0, torch.zeros(0, size), torch.zeros(0, size))

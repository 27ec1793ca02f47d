"""`Translator`: a model with its two vocabularies, which know how text is split and joined. Raw text in, text out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from jaxtyping import Int
from torch import Tensor, nn

from ..corpora.checks import check_tokens
from ..corpora.text import EOS, PAD, UNK
from ..corpora.tokenizers import Tokenizer, Tokenizers, restored
from ..corpora.vocab import Vocab, Vocabs
from ..learning.checkpoints import CheckpointError, load_model, save_model
from ..model.batching import pad
from ..model.seq2seq import Seq2Seq
from .decoding import GREEDY, Hypothesis, Rules, beam_search
from .header import header, read_header
from .trace import Edits, Record, Trace, checked_edits, decode, edited_rows, explain, sentence

END = "<eos>"
SHIPPED = Path(__file__).parent / "shipped"
AT_ONCE = 128  # sentences in a batch of `translate_many`: large products are fast, and who has ended leaves

STOPS = set(".!?…‼⁇⁈⁉。．！？｡؟۔।॥։።")
OPENING, CLOSING = set("\"'“‘„‚«»‹([{「『（《"), set("\"'”’“‘«»›)]}」』）》")

Text = str | Sequence[str]  # raw text, or the tokens of a corpus
Choices = Mapping[int, str]  # output step -> the word to write there


class NotReached(ValueError):  # noqa: N818 - says what happened
    """Weights or words were set by hand for steps that the output never came to."""

    def __init__(self, steps: Collection[int], length: int):
        """Name the steps, and the length of the output."""
        named = ", ".join(map(str, sorted(steps)))
        super().__init__(f"set by hand, but never reached: step {named} (counted from 0) of an output of {length}")
        self.steps = frozenset(steps)


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
        tokenizer: Tokenizer | str | tuple[Tokenizer, Tokenizer] | None = None,
        rules: Rules = GREEDY,
        about: str = "",
    ):
        """Join a model and its vocabularies, and take the model out of training mode.

        Text is split and joined by the vocabularies' tokenizers, or by `tokenizer`: "words", "characters", an object
        of your own, or one for each language. `rules` are the defaults of decoding, `about` says where the model is
        from. Raises ValueError for vocabularies of another size than the model's.
        """
        sizes = model.encoder.embedding.num_embeddings, model.decoder.embedding.num_embeddings
        if sizes != (len(src_vocab), len(trg_vocab)):
            swapped = ": exchange the two" if sizes == (len(trg_vocab), len(src_vocab)) else ""
            raise ValueError(
                f"vocabularies of {len(src_vocab)} and {len(trg_vocab)} tokens for a model of {sizes}{swapped}"
            )
        if tokenizer is not None:
            src, trg = Tokenizers.of(restored(tokenizer, {}) if isinstance(tokenizer, str) else tokenizer)
            src_vocab, trg_vocab = Vocab(src_vocab.tokens, src), Vocab(trg_vocab.tokens, trg)
        self.model, self.vocabs = model.eval(), Vocabs(src_vocab, trg_vocab)
        self.src_vocab, self.trg_vocab = src_vocab, trg_vocab
        self.rules, self.about = rules, about
        attention = getattr(model.decoder, "attention", None)
        self.kind: str | None = None if attention is None else getattr(attention, "name", type(attention).__name__)

    def __repr__(self) -> str:
        """Show the sizes, the same on every machine."""
        return f"Translator(attention={self.kind!r}, {len(self.src_vocab)} -> {len(self.trg_vocab)} words)"

    @classmethod
    def load(
        cls,
        name_or_path: str | Path,
        *,
        attention: nn.Module | None = None,
        tokenizer: Tokenizer | tuple[Tokenizer, Tokenizer] | None = None,
    ) -> "Translator":
        """Load a shipped translator by its name, or any by its path.

        A file holds no code: where the model has an attention of one's own, or a language a tokenizer of one's own,
        hand in such objects; the attention gets the weights of the file. Raises FileNotFoundError, naming the
        translators there are, or CheckpointError for a file that is damaged or needs an object that is not given.
        """
        named = SHIPPED / f"{name_or_path}.safetensors"
        if not named.exists() and not Path(name_or_path).exists():
            raise FileNotFoundError(f"no translator {str(name_or_path)!r}: shipped are {', '.join(shipped())}")
        model, extra = load_model(named if named.exists() else name_or_path, attention)
        try:
            vocabs, rules, about = read_header(extra, tokenizer)
            return cls(model, *vocabs, rules=rules, about=about)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"{name_or_path} holds a model, but no translator ({error})") from error

    def save(self, path: str | Path, dtype: torch.dtype = torch.float32) -> None:
        """Write one safetensors file; float16 halves its size."""
        save_model(path, self.model, header(self.vocabs, self.rules, self.about), dtype)

    def translate(
        self,
        text: Text,
        beam_size: int | None = None,
        *,
        forced: Text | None = None,
        edits: Edits | None = None,
        words: Choices | None = None,
        gold: Collection[tuple[int, int]] | None = None,
        max_len: int | None = None,
        length_penalty: float | None = None,
    ) -> Trace:
        """Translate one sentence.

        `forced` gives the output instead of decoding it (teacher forcing): the trace tells what the model thinks of
        each of its words. `edits` sets the attention weights of some steps, {step: weights per source token}, and
        `words` the words of some, {step: word}; decoding goes on from there, greedily. `gold` is handed on to the
        trace. Text without words gives an empty trace. What is not given is as in `rules`.

        Of raw text, a stop at the end that the source vocabulary lacks is left out, since a model that has seen none
        would take it for a word; the trace's `dropped` names it, and `edits` and `gold` count without it.

        Raises NotReached for steps set by hand that the output does not come to, ValueError for what does not go
        together, several sentences, and `gold` outside the sentences.
        """
        source, dropped = read_source(text, self.src_vocab)
        rows = checked_edits(edits, len(source))
        chosen = self._chosen(words)
        by_hand = {*rows, *chosen}
        searching = beam_size not in (None, 1)
        if not source:
            trace = self._empty()
        elif forced is not None:
            _refuse(searching, "a beam looks for an output, and forced= gives one")
            _refuse(bool(chosen), "words= sets words of what is decoded, and forced= gives all")
            trace = self._forced(source, self.split_output(forced), rows)
        elif by_hand:
            _refuse(searching, "what is set by hand is decoded greedily, without a beam")
            trace = self._by_hand(source, rows, chosen, max_len)
        else:
            rules = self._rules(beam_size, max_len, length_penalty)
            (trace,) = self._translated([source], rules)
        missed = {step for step in by_hand if step >= len(trace.trg)}
        if missed:
            raise NotReached(missed, len(trace.trg))
        aligned = None if gold is None else checked_gold(gold, trace)
        return replace(trace, gold=aligned, dropped=dropped)

    def translate_many(
        self,
        texts: Iterable[Text],
        beam_size: int | None = None,
        max_len: int | None = None,
        length_penalty: float | None = None,
    ) -> list[Trace]:
        """Translate sentences in batches of about equal length; the traces come in the order of `texts`."""
        if isinstance(texts, str):
            raise TypeError("translate_many takes several sentences, as a list; for one, use translate")
        rules = self._rules(beam_size, max_len, length_penalty)
        read = [read_source(text, self.src_vocab) for text in texts]
        sources = [source for source, _ in read]
        traces = [self._empty()] * len(sources)
        order = [i for i, source in enumerate(sources) if source]
        order.sort(key=lambda i: len(sources[i]))
        size = max(1, AT_ONCE // rules.beam_size)  # a beam decodes so many hypotheses of each
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            found = self._translated([sources[i] for i in batch], rules)
            for i, trace in zip(batch, found, strict=True):
                traces[i] = replace(trace, dropped=read[i][1])
        return traces

    def n_best(
        self, text: Text, beam_size: int = 5, *, max_len: int | None = None, length_penalty: float | None = None
    ) -> list[Trace]:
        """Translate one sentence in up to `beam_size` ways, the best first: all that a beam search ends with."""
        source, dropped = read_source(text, self.src_vocab)
        if not source:
            return [self._empty()]
        src = self._batch([source])
        rules = self._rules(beam_size, max_len, length_penalty)
        (found,) = beam_search(self.model, src, src != PAD, *rules)
        targets = [_with_end(hypothesis) for hypothesis in found]
        record = explain(self.model, src.expand(len(targets), -1), pad(targets))
        traces = self._traces([source] * len(targets), targets, record)
        return [replace(trace, dropped=dropped) for trace in traces]

    def split(self, text: Text) -> list[str]:
        """Split raw source text into tokens as typed, those that are read; tokens of a corpus stay as they are."""
        source, _ = read_source(text, self.src_vocab)
        return source

    def split_output(self, text: Text) -> list[str]:
        """Split raw text of the target language."""
        return as_tokens(text, self.trg_vocab)

    def encode(self, src: Text, trg: Text) -> tuple[list[int], list[int]]:
        """Look up a sentence pair in the two vocabularies."""
        source = self._ids(self.split(src), self.src_vocab)
        target = self._ids(self.split_output(trg), self.trg_vocab)
        return source, target

    def _ids(self, tokens: Sequence[str], vocab: Vocab) -> list[int]:
        fold = vocab.tokenizer.fold
        return vocab.encode([fold(token) for token in tokens])

    def _batch(self, sources: list[list[str]]) -> Int[Tensor, "B S"]:
        return pad([self._ids(source, self.src_vocab) for source in sources])

    def _rules(self, beam_size: int | None, max_len: int | None, length_penalty: float | None) -> Rules:
        """Take what the caller says, and the translator's own rules for the rest."""
        given = {"beam_size": beam_size, "max_len": max_len, "length_penalty": length_penalty}
        said = {name: value for name, value in given.items() if value is not None}
        return self.rules._replace(**said)

    def _chosen(self, words: Choices | None) -> dict[int, str]:
        """Check the words that are set by hand: one for a step."""
        words = dict(words or {})
        for step, word in words.items():
            if not isinstance(step, int) or step < 0:
                raise ValueError(f"words: {step!r} is no step; they are counted from 0")
            tokens = [word]
            if isinstance(word, str) and word != END:
                tokens = self.split_output(word)
            if not isinstance(word, str) or len(tokens) != 1:
                raise ValueError(f"words: step {step} takes one word, not {word!r}")
        return words

    def _translated(self, sources: list[list[str]], rules: Rules) -> list[Trace]:
        """Decode a batch of sentences, none of them empty."""
        src = self._batch(sources)
        if rules.beam_size == 1:
            record = decode(self.model, src, rules.max_len)
            targets = [without_pads(row) for row in record.tokens.tolist()]
        else:
            found = beam_search(self.model, src, src != PAD, *rules)
            targets = [_with_end(hypotheses[0]) for hypotheses in found]
            record = explain(self.model, src, pad(targets))
        return self._traces(sources, targets, record)

    def _forced(self, source: list[str], target: list[str], rows: Mapping[int, Tensor]) -> Trace:
        """Run one given output through the model."""
        ids = [*self._ids(target, self.trg_vocab), EOS]
        kept = {step: row for step, row in rows.items() if step < len(ids)}
        edits = edited_rows(kept, len(ids), len(source))
        record = explain(self.model, self._batch([source]), pad([ids]), edits)
        (trace,) = self._traces([source], [ids], record)
        return replace(
            trace,
            trg=(*target, END),
            text=self._join(target),
            copied=(False,) * len(ids),
            edited=tuple(kept),
        )

    def _by_hand(
        self,
        source: list[str],
        rows: Mapping[int, Tensor],
        chosen: Mapping[int, str],
        max_len: int | None,
    ) -> Trace:
        """Decode one sentence greedily, with the weights of some steps and the words of some set by hand."""
        edits = edited_rows(rows, 1 + max(rows, default=0), len(source))
        words = torch.full((1, 1 + max(chosen, default=0)), PAD)
        for step, word in chosen.items():
            words[0, step] = self._word_id(word)
        rules = self._rules(None, max_len, None)
        record = decode(self.model, self._batch([source]), rules.max_len, edits, words)
        (trace,) = self._traces([source], [record.tokens[0].tolist()], record)
        steps = range(len(trace.trg))
        written = [chosen.get(step, word) for step, word in enumerate(trace.trg)]
        copied = [was and step not in chosen for step, was in enumerate(trace.copied)]
        return replace(
            trace,
            trg=tuple(written),
            text=self._text(written),
            copied=tuple(copied),
            edited=tuple(step for step in rows if step in steps),
            chosen=tuple(step for step in chosen if step in steps),
        )

    def _word_id(self, word: str) -> int:
        if word == END:
            return EOS
        (index,) = self._ids([word], self.trg_vocab)
        return index

    def _traces(self, sources: list[list[str]], targets: list[list[int]], record: Record) -> list[Trace]:
        """Make a trace of every sentence of a batch."""
        decoder = self.model.decoder
        shared = {
            "kind": self.kind,
            "query": decoder.query,
            "formula": decoder.formula(),
            "about": getattr(decoder.attention, "about", ""),
        }
        best = record.guesses.likeliest.tolist()
        shares = record.guesses.probabilities.tolist()
        log_probs = record.guesses.log_probs.sum(1).tolist()
        traces = []
        for row, (source, target) in enumerate(zip(sources, targets, strict=True)):
            seen = sentence(record, row, len(source), len(target))
            words, copied = self._written(source, target, seen.weights)
            unknown = [index == UNK for index in self._ids(source, self.src_vocab)]
            trace = Trace(
                src=tuple(source),
                trg=tuple(words),
                text=self._text(words),
                unknown=tuple(unknown),
                copied=tuple(copied),
                candidates=self._candidates(best[row], shares[row], len(target)),
                log_prob=log_probs[row],
                **seen._asdict(),
                **shared,
            )
            traces.append(trace)
        return traces

    def _candidates(
        self, best: list[list[int]], shares: list[list[float]], steps: int
    ) -> tuple[tuple[tuple[str, float], ...], ...]:
        """Name the likeliest tokens of the first steps, each with its probability."""
        tokens = self.trg_vocab.tokens
        candidates = []
        for ids, probabilities in zip(best[:steps], shares[:steps], strict=True):
            names = [tokens[index] for index in ids]
            candidates.append(tuple(zip(names, probabilities, strict=True)))
        return tuple(candidates)

    def _written(self, source: list[str], target: list[int], weights: Tensor | None) -> tuple[list[str], list[bool]]:
        """Give the output's words; for <unk> stands the source word looked at most (Jean et al. 2015, section 3.3)."""
        words = [self.trg_vocab.tokens[index] for index in target]
        copied = [False] * len(words)
        if weights is None:
            return words, copied
        looked_at = weights.argmax(1).tolist()
        for step, index in enumerate(target):
            if index == UNK:
                words[step] = source[looked_at[step]]
                copied[step] = True
        return words, copied

    def _text(self, words: Sequence[str]) -> str:
        """Join an output into readable text, without its end."""
        return self._join(words[:-1] if words[-1] == END else words)

    def _join(self, words: Sequence[str]) -> str:
        return self.trg_vocab.tokenizer.join(words)

    def _empty(self) -> Trace:
        nothing = torch.zeros(0, self.model.decoder.rnn.hidden_size)
        return Trace(self.kind, (), (), "", (), (), (), 0.0, nothing, nothing, nothing)


def _refuse(wrong: bool, why: str) -> None:
    if wrong:
        raise ValueError(why)


def _with_end(hypothesis: Hypothesis) -> list[int]:
    tokens = list(hypothesis.tokens)
    if hypothesis.finished:
        tokens.append(EOS)
    return tokens


def without_pads(tokens: Sequence[int]) -> list[int]:
    """Leave out the pads after a sentence's end."""
    return [token for token in tokens if token != PAD]


def as_tokens(text: Text, vocab: Vocab) -> list[str]:
    """Split raw text into tokens as typed; tokens stay as they are.

    Raises TypeError for what is neither, ValueError for a list of sentences.
    """
    if isinstance(text, str):
        return vocab.tokenizer.split(text)
    tokens = list(check_tokens("a sentence is text or a list of tokens", text))
    for token in tokens:
        if is_sentence(token, vocab):
            raise ValueError(
                f"{token!r:.80} is no token but several: give one sentence as text, several to translate_many"
            )
    return tokens


def read_source(text: Text, vocab: Vocab) -> tuple[list[str], tuple[str, ...]]:
    """Split raw text as `as_tokens` does, without the stops at its end that a vocabulary lacks; give these, too.

    Quotation marks and brackets around such a sentence go with its stop. Tokens stay as they are.
    """
    tokens = as_tokens(text, vocab)
    known = [vocab.tokenizer.fold(token) in vocab for token in tokens]
    start, end = 0, len(tokens)
    while end and not known[end - 1] and set(tokens[end - 1]) <= STOPS | CLOSING:
        end -= 1
    stopped = any(set(token) <= STOPS for token in tokens[end:])
    if not isinstance(text, str) or not stopped or end == 0:
        return tokens, ()
    marks = sum(set(token) <= CLOSING for token in tokens[end:])
    while start < min(marks, end - 1) and not known[start] and set(tokens[start]) <= OPENING:
        start += 1
    return tokens[start:end], (*tokens[:start], *tokens[end:])


def is_sentence(token: str, vocab: Vocab) -> bool:
    """Tell whether a token has blanks inside, and a vocabulary knows some of its parts but not the whole."""
    tokenizer = vocab.tokenizer
    if " " not in token.strip() or tokenizer.fold(token) in vocab:
        return False
    return any(tokenizer.fold(part) in vocab for part in tokenizer.split(token))


def checked_gold(gold: Collection[tuple[int, int]], trace: Trace) -> frozenset[tuple[int, int]]:
    """Return an alignment whose pairs lie inside the sentences of a trace, <eos> left out; else raise ValueError."""
    sources = range(len(trace.src))
    steps = range(len(trace.trg) - (trace.trg[-1:] == (END,)))
    for pair in gold:
        if len(pair) != 2 or pair[0] not in sources or pair[1] not in steps:
            raise ValueError(f"gold: {pair} is no pair (source word, output word) inside the sentences")
    return frozenset(gold)

"""Sentence pairs drawn from a synchronous grammar: `french()` and `korean()`, and `Grammar` for one of your own."""

import random
import unicodedata
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import accumulate, product
from pathlib import Path
from typing import Any, NamedTuple

from ..scfg import START, GrammarError, Rewrite, Rule, check_rules, read_grammar, useful_rules
from .parallel import ParallelCorpus, SentencePair, check_sizes, cut_parts
from .tokenizers import Morphemes, Tokenizers, Words

Names = tuple[str, ...]  # nonterminals that stand side by side


class Tree(NamedTuple):
    """A derivation: a rule, and what its nonterminals, by index, become."""

    rule: Rule
    children: dict[int, "Tree"]


class Shape(NamedTuple):
    """Rules of one nonterminal that leave the same to be derived: they differ in their words only."""

    below: Names  # the nonterminals of each rule, in the order of the source
    own: int  # the number of source words that stand in each rule itself
    rules: list[Rule]
    weights: list[float]  # running sums of the rules' probabilities: bisect draws from them


class Grammar:
    """Sentence pairs of a synchronous grammar: draw, spell and count them."""

    def __init__(self, rules: list[Rule], rewrites: list[Rewrite]):
        """Group the rules of each nonterminal by shape."""
        self.rules = rules
        self.rewrites = rewrites
        self._shapes = _shapes(rules)
        self._total = cache(self._sum)  # the same nonterminals of the same length come back again and again
        self._ways = cache(self._list)

    @classmethod
    def load(cls, path: str | Path, size: str = "full", units: str = "words") -> "Grammar":
        """Read a grammar file in UTF-8; GrammarError says what is wrong with it, and in which line."""
        path = Path(path)
        data = path.read_bytes()
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise GrammarError(f"{path.name}:{line}: this is not UTF-8; save the file as UTF-8") from None
        return cls.parse(text, path.name, size, units)

    @classmethod
    def parse(cls, text: str, name: str = "grammar", size: str = "full", units: str = "words") -> "Grammar":
        """The grammar that `text` describes; `name` stands for the file in messages.

        Size "small" leaves out what follows the line `@full`, and then the rules that lead nowhere without it.
        Units "morphemes" leave out the lines `@join`: what they join stays apart.
        """
        if size not in ("full", "small"):
            raise ValueError(f"size is {size!r}; a grammar comes in the sizes 'full' and 'small'")
        if units not in ("words", "morphemes"):
            raise ValueError(f"units is {units!r}; a source sentence comes in 'words' or 'morphemes'")
        rules, rewrites, full = read_grammar(text, name)
        check_rules(rules, name)
        if size == "small":
            rules = [rule for rule in rules if rule.line < full]
        if units == "morphemes":
            rewrites = [rewrite for rewrite in rewrites if not rewrite.joins]
        return cls(useful_rules(rules), rewrites)

    def count(self, max_length: int) -> int:
        """Number of derivations of at most `max_length` source words; of sentences, if the grammar is unambiguous."""
        lengths = range(1, max_length + 1)
        return sum(self._total((START,), length, True) for length in lengths)

    def draw(self, rng: random.Random, length: int) -> Tree:
        """A derivation of `length` source words (before rewriting), as likely as the weights of its rules make it."""
        if not self._total((START,), length, False):
            raise ValueError(f"no sentence of this grammar has {length} words; ask for another length")
        return self._draw(rng, START, length)

    def sample(self, rng: random.Random, length: int) -> SentencePair:
        """A sentence pair from a derivation of `length` source words (before rewriting)."""
        return self.spell(self.draw(rng, length))

    def spell(self, tree: Tree) -> SentencePair:
        """The sentence pair that a derivation stands for, and its word alignment."""
        src = _spell(tree, "src", self.rewrites)
        trg = _spell(tree, "trg", self.rewrites)
        links = set()
        for node, (rule, src_symbols) in src.reached.items():
            _, trg_symbols = trg.reached[node]
            for a, b in rule.links:  # symbol number a of the rule's source side, number b of its target side
                pairs = product(src_symbols[a], trg_symbols[b])  # the words that the two stand for
                links.update((src.places[i], trg.places[j]) for i, j in pairs)
        return SentencePair(src.words, trg.words, frozenset(links))

    def _sum(self, names: Names, length: int, counted: bool) -> float:
        """Sum the weights of all derivations of `length` words from `names`; where `counted`, count them instead.

        These are the inside weights of Baker (1979).
        """
        if not names:
            return int(length == 0)
        if length < len(names):  # every nonterminal has a word or more
            return 0
        return sum(weight for _, weight in self._weigh(names, length, counted))

    def _weigh(self, names: Names, length: int, counted: bool) -> Iterator[tuple[Any, float]]:
        """Weigh the first choices in deriving `length` words from `names`: the derivations that begin with each."""
        if len(names) == 1:
            return self._weigh_shapes(names[0], length, counted)
        return self._weigh_lengths(names, length, counted)

    def _weigh_shapes(self, name: str, length: int, counted: bool) -> Iterator[tuple[Shape, float]]:
        """Weigh the shapes that one nonterminal of `length` words can take."""
        for shape in self._shapes[name]:
            total = self._total(shape.below, length - shape.own, counted)
            if total:
                of_rules = len(shape.rules) if counted else shape.weights[-1]
                yield shape, total * of_rules

    def _weigh_lengths(self, names: Names, length: int, counted: bool) -> Iterator[tuple[int, float]]:
        """Weigh the numbers of words that the first of several nonterminals can take."""
        first, others = names[:1], names[1:]
        most = length - len(others)  # the others need a word each
        for count in range(1, most + 1):
            total = self._total(first, count, counted)
            if total:
                rest = self._total(others, length - count, counted)
                yield count, total * rest

    def _list(self, names: Names, length: int) -> tuple[list, list[float]]:
        """List the first choices, and the running sums of their weights."""
        choices, weights = [], []
        for choice, weight in self._weigh(names, length, False):
            choices.append(choice)
            weights.append(weight)
        return choices, list(accumulate(weights))

    def _choose(self, rng: random.Random, names: Names, length: int) -> Any:
        """Draw a first choice: a shape for one nonterminal, or the length of the first of several."""
        choices, weights = self._ways(names, length)
        if len(choices) == 1:
            return choices[0]
        return choices[_draw_index(rng, weights)]

    def _draw(self, rng: random.Random, name: str, length: int) -> Tree:
        """A derivation of `length` words from one nonterminal."""
        shape = self._choose(rng, (name,), length)
        rule = shape.rules[_draw_index(rng, shape.weights)]
        children = {}
        rest = length - shape.own
        for at, slot in enumerate(rule.slots):
            count = rest
            left = shape.below[at:]
            if len(left) > 1:  # the last one gets what the others leave
                count = self._choose(rng, left, rest)
            children[slot.index] = self._draw(rng, slot.name, count)
            rest -= count
        return Tree(rule, children)


def _shapes(rules: list[Rule]) -> dict[str, list[Shape]]:
    """Group the rules of each nonterminal by shape, and make their weights sum to 1."""
    total = Counter()
    alike = defaultdict(list)
    for rule in rules:
        total[rule.left] += rule.weight
        below = tuple(slot.name for slot in rule.slots)
        own = len(rule.src) - len(below)
        alike[rule.left, below, own].append(rule)
    shapes = defaultdict(list)
    for (left, below, own), members in alike.items():
        weights = accumulate(rule.weight / total[left] for rule in members)
        shape = Shape(below, own, members, list(weights))
        shapes[left].append(shape)
    return shapes


def _draw_index(rng: random.Random, weights: list[float]) -> int:
    """Draw an index, as likely as its part of the running sums."""
    return bisect(weights, rng.random() * weights[-1])


Reached = dict[int, tuple[Rule, list[list[int]]]]  # by node: its rule, and the words that each of its symbols reaches


class _Side(NamedTuple):
    """One side of a derivation: its words, and which of the words before rewriting each symbol's links reach."""

    words: tuple[str, ...]
    places: list[int]  # at which of the words each of those before rewriting now stands
    reached: Reached


def _spell(tree: Tree, side: str, rewrites: list[Rewrite]) -> _Side:
    """Write one side of a derivation."""
    words: list[str] = []
    reached: Reached = {}
    _write(tree, side, words, reached)
    of_side = [rewrite for rewrite in rewrites if rewrite.side == side]
    rewritten, places = _rewrite(words, of_side)
    return _Side(rewritten, places, reached)


def _write(node: Tree, side: str, words: list[str], reached: Reached) -> list[int]:
    """Append the words of a node to those before them; return the positions of its head."""
    places, head = [], []
    for symbol in getattr(node.rule, side):
        if isinstance(symbol, str):
            place = [len(words)]
            words.append(symbol)
        else:
            place = _write(node.children[symbol.index], side, words, reached)
            if symbol.index == 1:
                head = place
        places.append(place)
    if node.rule.links:
        reached[id(node)] = node.rule, places
    if side == "src" and node.rule.head is not None:
        return places[node.rule.head]
    return head or [position for place in places for position in place]


def _rewrite(words: list[str], rewrites: list[Rewrite]) -> tuple[tuple[str, ...], list[int]]:
    """The rewritten words, and at which of them each of the given words now stands."""
    text = unicodedata.normalize("NFD", " ".join(words))
    places = list(range(len(words)))
    for rewrite in rewrites:
        matches = list(rewrite.pattern.finditer(text))
        for match in reversed(matches):  # from the right: positions further left stay true
            new = match.expand(rewrite.new)
            before, after = text[: match.start()], text[match.end() :]
            text = before + new + after
            if " " in match[0] and " " not in new:  # two words became one
                joined = before.count(" ")
                places = [place - (place > joined) for place in places]
    rewritten = unicodedata.normalize("NFC", text).split(" ")
    return tuple(rewritten), places


def french(
    size: str = "full",
    train: int = 8000,
    valid: int = 500,
    test: int = 500,
    seed: int = 0,
) -> ParallelCorpus:
    """French-English sentences of `french.scfg`, aligned word by word; no French sentence stands twice.

    Size "small" has a small lexicon and two clauses, 3 to 25 words, each length about as often; "full" 4 to 40, more
    often few. ValueError if the language has too few sentences.
    """
    lengths = (3, 25) if size == "small" else (4, 40)
    count = check_sizes(train, valid, test)
    pairs = _drawn("french.scfg", size, lengths, count, seed)
    return cut_parts(pairs, train, valid, Tokenizers(Words("fr"), Words("en")))


def korean(
    size: str = "full",
    units: str = "words",
    train: int = 8000,
    valid: int = 500,
    test: int = 500,
    seed: int = 0,
) -> ParallelCorpus:
    """Korean-English sentences of `korean.scfg`, aligned word by word; no Korean sentence stands twice.

    Size "small" has a small lexicon and few constructions, of 2 to 17 words; "full" has questions, four levels of
    speech and honorifics, of 1 to 20 words, more often few. In units "words" a noun and its particles are one word; in
    "morphemes" they are two tokens, 학생 +은. ValueError if the language has too few sentences.
    """
    lengths = (4, 28) if size == "small" else (3, 30)
    count = check_sizes(train, valid, test)
    pairs = _drawn("korean.scfg", size, lengths, count, seed, units)
    source = Words("ko") if units == "words" else Morphemes.of(pair.src for pair in pairs)
    return cut_parts(pairs, train, valid, Tokenizers(source, Words("en")))


@cache
def _grammar(file: str, size: str, units: str = "words") -> Grammar:
    return Grammar.load(Path(__file__).with_name(file), size, units)


@cache
def _drawn(
    file: str, size: str, lengths: tuple[int, int], count: int, seed: int, units: str = "words"
) -> tuple[SentencePair, ...]:
    """Draw distinct sentences: of "small", each length as often; of "full", the shorter of two such lengths."""
    grammar = _grammar(file, size, units)
    rng = random.Random(seed)
    pairs: dict[tuple[str, ...], SentencePair] = {}
    for _ in range(20 * count + 1000):
        if len(pairs) == count:
            break
        length = rng.randint(*lengths)
        if size != "small":
            length = min(length, rng.randint(*lengths))
        pair = grammar.sample(rng, length)
        pairs.setdefault(pair.src, pair)
    if len(pairs) < count:
        raise ValueError(f"{count} sentences are more than this grammar easily gives; ask for fewer")
    return tuple(pairs.values())

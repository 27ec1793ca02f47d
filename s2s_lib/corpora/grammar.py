"""Sentence pairs drawn from a synchronous grammar: `french()` and `korean()`, and `Grammar` for one of your own."""

import random
import unicodedata
from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import accumulate, islice, product
from pathlib import Path
from typing import Any, NamedTuple

from .parallel import ParallelCorpus, SentencePair
from .scfg import START, GrammarError, Rewrite, Rule, check_rules, read_grammar, useful_rules


class Tree(NamedTuple):
    """A derivation: a rule, and what its nonterminals, by index, become."""

    rule: Rule
    children: dict[int, "Tree"]


class Grammar:
    """Sentence pairs of a synchronous grammar: draw, spell and count them."""

    def __init__(self, rules: list[Rule], rewrites: list[Rewrite]):
        """Group the rules of each nonterminal by shape: the nonterminals below and the number of own words."""
        self.rules, shapes, total = rules, {}, Counter()
        self._rewrites = {side: [each for each in rewrites if each.side == side] for side in ("src", "trg")}
        for rule in rules:
            total[rule.left] += rule.weight
            below = tuple(slot.name for slot in rule.slots)
            shapes.setdefault(rule.left, {}).setdefault((below, len(rule.src) - len(below)), []).append(rule)
        self._shapes = {
            left: [(*shape, of, [*accumulate(rule.weight / total[left] for rule in of)]) for shape, of in found.items()]
            for left, found in shapes.items()
        }
        self._total, self._ways = cache(self._sum), cache(self._list)

    @classmethod
    def load(cls, path: str | Path, size: str = "full") -> "Grammar":
        """Read a grammar file in UTF-8; GrammarError says what is wrong with it, and in which line."""
        data, name = Path(path).read_bytes(), Path(path).name
        try:
            return cls.parse(data.decode("utf-8"), name, size)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise GrammarError(f"{name}:{line}: this is not UTF-8; save the file as UTF-8") from None

    @classmethod
    def parse(cls, text: str, name: str = "grammar", size: str = "full") -> "Grammar":
        """The grammar that `text` describes; `name` stands for the file in messages.

        Size "small" leaves out what follows the line `@full`, and then the rules that lead nowhere without it.
        """
        if size not in ("full", "small"):
            raise ValueError(f"size is {size!r}; a grammar comes in the sizes 'full' and 'small'")
        rules, rewrites, full = read_grammar(text, name)
        check_rules(rules, name)
        return cls(useful_rules([rule for rule in rules if size == "full" or rule.line < full]), rewrites)

    def count(self, max_length: int) -> int:
        """Number of derivations of at most `max_length` source words; of sentences, if the grammar is unambiguous."""
        return sum(self._total((START,), length, True) for length in range(1, max_length + 1))

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
        sides = []
        for side in ("src", "trg"):
            words, reached = [], {}
            _spell(tree, side, words, reached)
            sides.append((*_rewrite(words, self._rewrites[side]), reached))
        (src, src_place, src_reached), (trg, trg_place, trg_reached) = sides
        links = {
            (src_place[i], trg_place[j])
            for node, (rule, symbols) in src_reached.items()
            for a, b in rule.links
            for i, j in product(symbols[a], trg_reached[node][1][b])
        }
        return SentencePair(src, trg, frozenset(links))

    def _weigh(self, names: tuple[str, ...], length: int, counted: bool) -> Iterator[tuple[Any, float]]:
        """What `length` words from `names` may begin with: a shape of one name, or the length of the first of several.

        Each comes with the summed weight, or number, of the derivations so begun (inside weights; Baker, 1979).
        """
        if len(names) == 1:
            for below, own, rules, weights in self._shapes[names[0]]:
                if total := self._total(below, length - own, counted):
                    yield (below, rules, weights), total * (len(rules) if counted else weights[-1])
        else:
            for first in range(1, length - len(names) + 2):
                if total := self._total(names[:1], first, counted):
                    yield first, total * self._total(names[1:], length - first, counted)

    def _sum(self, names: tuple[str, ...], length: int, counted: bool) -> float:
        if length < len(names) or not names:
            return int(length == len(names))
        return sum(weight for _, weight in self._weigh(names, length, counted))

    def _list(self, names: tuple[str, ...], length: int) -> tuple[list, list[float]]:
        ways = [*self._weigh(names, length, False)]
        return [way for way, _ in ways], [*accumulate(weight for _, weight in ways)]

    def _draw(self, rng: random.Random, name: str, length: int) -> Tree:
        """A derivation of `length` words from one nonterminal."""
        below, rules, weights = self._choose(rng, (name,), length)
        rule = rules[bisect(weights, rng.random() * weights[-1])]
        children, left = {}, length - len(rule.src) + len(below)
        for at, slot in enumerate(rule.slots):
            words = self._choose(rng, below[at:], left) if at < len(below) - 1 else left
            children[slot.index] = self._draw(rng, slot.name, words)
            left -= words
        return Tree(rule, children)

    def _choose(self, rng: random.Random, names: tuple[str, ...], length: int) -> Any:
        ways, weights = self._ways(names, length)
        return ways[0] if len(ways) == 1 else ways[bisect(weights, rng.random() * weights[-1])]


def _spell(tree: Tree, side: str, words: list[str], reached: dict[int, tuple[Rule, list]]) -> list[int]:
    """Append one side's words; note which of them each symbol's links reach; return the positions of the head."""
    here, head = [], []
    for symbol in getattr(tree.rule, side):
        if isinstance(symbol, str):
            here.append([len(words)])
            words.append(symbol)
        else:
            here.append(_spell(tree.children[symbol.index], side, words, reached))
            if symbol.index == 1:
                head = here[-1]
    if tree.rule.links:
        reached[id(tree)] = tree.rule, here
    return head or [at for place in here for at in place]


def _rewrite(words: list[str], rewrites: list[Rewrite]) -> tuple[tuple[str, ...], list[int]]:
    """The rewritten words, and at which of them each of the given words now stands."""
    text, place = unicodedata.normalize("NFD", " ".join(words)), [*range(len(words))]
    for _, pattern, replacement in rewrites:
        for match in reversed([*pattern.finditer(text)]):  # from the right: positions further left stay true
            new = match.expand(replacement)
            text = text[: match.start()] + new + text[match.end() :]
            if " " in match[0] and " " not in new:
                joined = text.count(" ", 0, match.start())
                place = [at - (at > joined) for at in place]
    return tuple(unicodedata.normalize("NFC", text).split(" ")), place


def french(size: str = "full", train: int = 8000, valid: int = 500, test: int = 500, seed: int = 0) -> ParallelCorpus:
    """French-English sentences of `french.scfg`, aligned word by word; no French sentence stands twice.

    Size "small" has a small lexicon and two clauses, 3 to 25 words, each length about as often; "full" 4 to 40, more
    often few. ValueError if the language has too few sentences.
    """
    return _corpus("french.scfg", size, (3, 25) if size == "small" else (4, 40), (train, valid, test), seed)


def korean(size: str = "full", train: int = 8000, valid: int = 500, test: int = 500, seed: int = 0) -> ParallelCorpus:
    """Korean-English sentences of `korean.scfg`, aligned word by word; no Korean sentence stands twice.

    A noun with its particles is one word. Lengths are 2 to 20 words in size "small", to 28 in "full", fewer the longer.
    """
    return _corpus("korean.scfg", size, (4, 30 if size == "small" else 40), (train, valid, test), seed)


@cache
def _grammar(file: str, size: str) -> Grammar:
    return Grammar.load(Path(__file__).with_name(file), size)


def _corpus(file: str, size: str, lengths: tuple[int, int], parts: tuple[int, ...], seed: int) -> ParallelCorpus:
    rest = iter(_drawn(file, size, lengths, sum(parts), seed))
    return ParallelCorpus(*([*islice(rest, part)] for part in parts))


@cache
def _drawn(file: str, size: str, lengths: tuple[int, int], count: int, seed: int) -> tuple[SentencePair, ...]:
    """Draw distinct sentences: of "small", each length as often; of "full", the shorter of two such lengths."""
    grammar, rng = _grammar(file, size), random.Random(seed)
    pairs: dict[tuple[str, ...], SentencePair] = {}
    for _ in range(20 * count + 1000):
        if len(pairs) == count:
            break
        pair = grammar.sample(rng, min(rng.randint(*lengths) for _ in range(1 if size == "small" else 2)))
        pairs.setdefault(pair.src, pair)
    if len(pairs) < count:
        raise ValueError(f"{count} sentences are more than this grammar easily gives; ask for fewer")
    return tuple(pairs.values())

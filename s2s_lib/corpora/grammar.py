"""Parallel sentences from a synchronous context-free grammar that is one text file.

A rule rewrites a nonterminal on both sides at once (Aho and Ullman, 1969). It is written as Hiero (Chiang, 2007),
Joshua and cdec write it: linked nonterminals carry the same name and index, and the head of the phrase is number 1.

    [NP] ||| [D,2] [N,1] [ADJ,3] ||| [D,2] [ADJ,3] [N,1] ||| weight=2

Sentences start from [S]. The fourth field may hold `weight=` (how often a rule is drawn, against the others of its
nonterminal; 1) and `align=0-0 1-2`: which symbol of the source side translates which of the target side, counted
from 0. Without it, all words of one side translate all words of the other. A link to a nonterminal reaches its head:
that of number 1 in the rule below, and so on down; the head of a rule without nonterminals is all its words.

    $n = s p                                a variable: a line that names it stands for one line per value, and
    [N-m$n] ||| $n{œil/yeux} ||| eye$n{/s}  `$n{}` holds one entry per value: [N-ms] œil, [N-mp] yeux
    $pl = $n{/s}                            a variable of one value is an abbreviation: eye$pl
    @src de le => du                        rewrites words of the finished source (@trg: target) sentence, in order
    @full                                   what follows is left out of the grammar of size "small"

Left of `=>` stands a regular expression for whole words of decomposed text (Unicode NFD): é begins with e there, and
the final consonant of 집 is a character of its own. Two words that become one share their alignment.
"""

import math
import random
import re
import unicodedata
from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import accumulate, islice, product
from pathlib import Path
from typing import Any, NamedTuple

from .parallel import ParallelCorpus, SentencePair


class GrammarError(ValueError):
    """What is wrong with a grammar file, where (file:line), and what to do about it."""


class Slot(NamedTuple):
    """A nonterminal in a rule, linked to the one of the same index on the other side."""

    name: str
    index: int


Side = tuple[str | Slot, ...]
START = "S"


class Rule(NamedTuple):
    """`left` becomes `src` and, at the same time, `trg`; `links` are pairs of positions in the two."""

    left: str
    src: Side
    trg: Side
    weight: float
    links: frozenset[tuple[int, int]]
    line: int
    slots: tuple[Slot, ...]  # the nonterminals, in the order of the source


class Rewrite(NamedTuple):
    """Words of the finished sentence on one side, "src" or "trg", and what stands there instead."""

    side: str
    pattern: re.Pattern[str]
    new: str


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
        rules, rewrites, full = _read(text, name)
        _check(rules, name)
        return cls(_useful([rule for rule in rules if size == "full" or rule.line < full]), rewrites)

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


def _read(text: str, name: str) -> tuple[list[Rule], list[Rewrite], float]:
    """Rules, rewrites, and the number of the line `@full` (infinity without one)."""
    variables, rules, rewrites, full = {}, [], [], math.inf
    for number, line in enumerate(text.splitlines(), 1):
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        try:
            if match := re.fullmatch(r"\$(\w+)\s*=\s*(\S.*)", line):
                variables[match[1]] = match[2].split()
            elif line == "@full":
                full = number
            elif line.startswith("@"):
                rewrites += [_read_rewrite(each) for each in _expand(line, variables)]
            elif line:
                rules += [_read_rule(each, number) for each in _expand(line, variables)]
        except (ValueError, re.error) as error:
            raise GrammarError(f"{name}:{number}: {error}") from None
    return rules, rewrites, full


def _expand(line: str, variables: dict[str, list[str]]) -> list[str]:
    """The line once for each value of its variables."""
    names = re.findall(r"\$(\w+)", line)
    for name in names:
        if name not in variables:
            raise ValueError(f"${name} has no values; write `${name} = value value` further up")
    if not names:
        return [line]
    name = min(names, key=lambda name: len(variables[name]))  # abbreviations first: they name other variables
    values = variables[name]

    def entry(match: re.Match[str], at: int) -> str:
        entries = values if match[1] is None else match[1].split("/")
        if len(entries) != len(values):
            raise ValueError(f"{match[0]} needs {len(values)} entries between `/`: one for each of {' '.join(values)}")
        return entries[at]

    use = re.compile(rf"\${name}\b(?:\{{([^{{}}]*)\}})?")
    lines = [use.sub(lambda match, at=at: entry(match, at), line) for at in range(len(values))]
    return [each for line in lines for each in _expand(line, variables)]


def _read_rewrite(line: str) -> Rewrite:
    match = re.fullmatch(r"@(src|trg)\s+(\S.*?)\s+=>\s+(\S.*)", unicodedata.normalize("NFD", line))
    if not match:
        raise ValueError(f"{line!r} is not understood; write `@src words => words`, `@trg words => words` or `@full`")
    return Rewrite(match[1], re.compile(rf"(?<!\S)(?:{match[2]})(?!\S)"), match[3])


def _read_rule(line: str, number: int) -> Rule:
    fields = [field.split() for field in line.split("|||")]
    if len(fields) not in (3, 4) or len(fields[0]) != 1 or not re.fullmatch(r"\[[^][,]+\]", fields[0][0]):
        raise ValueError(
            f"a rule is `[X] ||| source ||| target` or `[X] ||| source ||| target ||| features`, not {line!r}"
        )
    if not fields[1] or not fields[2]:
        raise ValueError("a side of the rule is empty; give it a word or a nonterminal")
    src, trg = (tuple(_read_symbol(word) for word in field) for field in fields[1:3])
    slots, partners = ([symbol for symbol in side if isinstance(symbol, Slot)] for side in (src, trg))
    for side in (slots, partners):
        if sorted(slot.index for slot in side) != [*range(1, len(side) + 1)]:
            raise ValueError("each index stands once on each side; number the nonterminals 1, 2, ..., the head 1")
    if odd := set(slots) ^ set(partners):
        raise ValueError("[{},{}] has no partner of this name and index on the other side; add it".format(*min(odd)))
    weight, links = _read_features(fields[3] if fields[3:] else [], src, trg)
    return Rule(fields[0][0][1:-1], src, trg, weight, links, number, tuple(slots))


def _read_symbol(word: str) -> str | Slot:
    if match := re.fullmatch(r"\[([^][,]+),([1-9]\d*)\]", word):
        return Slot(match[1], int(match[2]))
    if set(word) & set("[]{}$"):
        raise ValueError(f"{word!r} is neither a word nor a nonterminal with its index, such as [NP,1]")
    return word


def _read_features(features: list[str], src: Side, trg: Side) -> tuple[float, frozenset[tuple[int, int]]]:
    """Weight and links: as given, or else 1 and all words with all words."""
    words = ([at for at, symbol in enumerate(side) if isinstance(symbol, str)] for side in (src, trg))
    weight, links = 1.0, frozenset(product(*words))
    for feature in features:
        key, _, value = feature.rpartition("=")
        if key == "weight" and re.fullmatch(r"\d+(\.\d+)?", value) and float(value) > 0:
            weight = float(value)
        elif key in ("align", "") and (link := re.fullmatch(r"(\d+)-(\d+)", value)):
            links = (frozenset() if key else links) | {(int(link[1]), int(link[2]))}
        else:
            raise ValueError(f"{feature!r} is neither a weight above 0 (weight=2) nor an alignment (align=0-0 1-2)")
    if any(i >= len(src) or j >= len(trg) for i, j in links):
        raise ValueError(f"a symbol to align is not there; count from 0 to {len(src) - 1} and to {len(trg) - 1}")
    return weight, links


def _check(rules: list[Rule], name: str) -> None:
    """Every nonterminal ends in words, every line is of use, and no nonterminal becomes itself."""
    lefts, finite, useful = {rule.left for rule in rules}, _finite(rules), {rule.line for rule in _useful(rules)}
    if START not in lefts:
        raise GrammarError(f"{name}:1: no rule for [{START}], where sentences start; add `[{START}] ||| ... ||| ...`")
    renames = TopologicalSorter()
    for rule in rules:
        where, names = f"{name}:{rule.line}:", [slot.name for slot in rule.slots]
        if missing := set(names) - lefts:
            raise GrammarError(f"{where} [{min(missing)}] has no rule; add one or correct the name")
        if rule.left not in finite:
            raise GrammarError(f"{where} [{rule.left}] never ends in words; give it a rule that does")
        if len(names) == len(rule.src) == 1:
            renames.add(rule.left, *names)
    if useless := [rule for rule in rules if rule.line not in useful]:
        raise GrammarError(f"{name}:{useless[0].line}: no sentence uses [{useless[0].left}]; use it or remove the line")
    try:
        renames.prepare()
    except CycleError as error:
        left = error.args[1][0]
        line = min(rule.line for rule in rules if rule.left == left)
        raise GrammarError(f"{name}:{line}: [{left}] can become itself; break the circle of rules") from None


def _finite(rules: list[Rule]) -> set[str]:
    """Nonterminals that can end in words."""
    finite: set[str] = set()
    while more := {r.left for r in rules if r.left not in finite and all(slot.name in finite for slot in r.slots)}:
        finite |= more
    return finite


def _useful(rules: list[Rule]) -> list[Rule]:
    """The rules that stand in some derivation of a sentence."""
    finite, reached = _finite(rules), {START}
    rules = [rule for rule in rules if all(slot.name in finite for slot in rule.slots)]
    while more := {slot.name for rule in rules if rule.left in reached for slot in rule.slots} - reached:
        reached |= more
    return [rule for rule in rules if rule.left in reached]


def french(size: str = "full", train: int = 8000, valid: int = 500, test: int = 500, seed: int = 0) -> ParallelCorpus:
    """French-English sentences of `french.scfg`, aligned word by word; no French sentence stands twice.

    Size "small" has a small lexicon, two clauses and their relative clauses, and 3 to 25 words, each length about as
    often; "full" has 4 to 40 words, more often few. ValueError if the language has too few sentences.
    """
    shortest, longest = (3, 25) if size == "small" else (4, 40)
    return _corpus("french.scfg", size, shortest, longest, (train, valid, test), seed)


def korean(size: str = "full", train: int = 8000, valid: int = 500, test: int = 500, seed: int = 0) -> ParallelCorpus:
    """Korean-English sentences of `korean.scfg`, aligned word by word; no Korean sentence stands twice.

    A noun with its particles is one word. Lengths are 2 to 20 words in size "small", to 28 in "full", fewer the longer.
    """
    return _corpus("korean.scfg", size, 4, 30 if size == "small" else 40, (train, valid, test), seed)


@cache
def _grammar(file: str, size: str) -> Grammar:
    return Grammar.load(Path(__file__).with_name(file), size)


def _corpus(
    file: str, size: str, shortest: int, longest: int, parts: tuple[int, int, int], seed: int
) -> ParallelCorpus:
    """Draw distinct sentences: of "small", each length as often; of "full", the shorter of two such lengths."""
    grammar, rng = _grammar(file, size), random.Random(seed)
    pairs: dict[tuple[str, ...], SentencePair] = {}
    for _ in range(20 * sum(parts) + 1000):
        if len(pairs) == sum(parts):
            break
        length = min(rng.randint(shortest, longest) for _ in range(1 if size == "small" else 2))
        pair = grammar.sample(rng, length)
        pairs.setdefault(pair.src, pair)
    if len(pairs) < sum(parts):
        raise ValueError(f"{sum(parts)} sentences are more than this grammar easily gives; ask for fewer")
    rest = iter(pairs.values())
    return ParallelCorpus(*([*islice(rest, part)] for part in parts))

"""Read a synchronous context-free grammar that is one text file.

A rule rewrites a nonterminal on both sides at once (Aho and Ullman, 1969). It is written as Hiero (Chiang, 2007),
Joshua and cdec write it: linked nonterminals carry the same name and index, and the head of the phrase is number 1.

    [NP] ||| [D,2] [N,1] [ADJ,3] ||| [D,2] [ADJ,3] [N,1] ||| weight=2

Sentences start from [S]. The fourth field may hold `weight=` (how often a rule is drawn, against the others of its
nonterminal; 1) and `align=0-0 1-2`: which symbol of the source side translates which of the target side, counted
from 0. Without it, all words of one side translate all words of the other. A link to a nonterminal reaches its head:
that of number 1 in the rule below, and so on down; the head of a rule without nonterminals is all its words. `head=1`
makes symbol 1 of the source side, counted from 0, the head of that side; the target side keeps its own. So a *but* that
links to [V] from above reaches the auxiliary, which bears the ending, and not the stem:

    [V] ||| [STEM,1] 않지만 ||| do not [STEM,1] ||| align=1-0 1-1 head=1

    $n = s p                                a variable: a line that names it stands for one line per value, and
    [N-m$n] ||| $n{œil/yeux} ||| eye$n{/s}  `$n{}` holds one entry per value: [N-ms] œil, [N-mp] yeux
    $pl = $n{/s}                            a variable of one value is an abbreviation: eye$pl
                                            values for which a line leads nowhere are left out of it, if not all do
    @src de le => du                        rewrites words of the finished source (@trg: target) sentence, in order
    @join (\\S+) \\+(\\S+) => \\1\\2            a rewrite of the source that is left out where units are "morphemes"
    @full                                   what follows is left out of the grammar of size "small"

Left of `=>` stands a regular expression for whole words of decomposed text (Unicode NFD): é begins with e there, and
the final consonant of 집 is a character of its own. Two words that become one share their alignment.
"""

import math
import re
import unicodedata
from graphlib import CycleError, TopologicalSorter
from itertools import groupby, product
from typing import NamedTuple


class GrammarError(ValueError):
    """What is wrong with a grammar file, where (file:line), and what to do about it."""


class Slot(NamedTuple):
    """A nonterminal in a rule, linked to the one of the same index on the other side."""

    name: str
    index: int


Side = tuple[str | Slot, ...]
Links = frozenset[tuple[int, int]]
START = "S"


class Rule(NamedTuple):
    """`left` becomes `src` and, at the same time, `trg`; `links` are pairs of positions in the two."""

    left: str
    src: Side
    trg: Side
    weight: float
    links: Links
    line: int
    slots: tuple[Slot, ...]  # the nonterminals, in the order of the source
    head: int | None = None  # which source symbol a link from above reaches; None: the nonterminal number 1


class Rewrite(NamedTuple):
    """Words of the finished sentence on one side, "src" or "trg", and what stands there instead."""

    side: str
    pattern: re.Pattern[str]
    new: str
    joins: bool = False  # whether it makes one word of several units


def read_grammar(text: str, name: str) -> tuple[list[Rule], list[Rewrite], float]:
    """Rules, rewrites, and the number of the line `@full` (infinity without one)."""
    variables, rules, rewrites = {}, [], []
    full = math.inf
    for number, line in enumerate(text.splitlines(), 1):
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        definition = re.fullmatch(r"\$(\w+)\s*=\s*(\S.*)", line)
        try:
            if definition:
                variables[definition[1]] = definition[2].split()
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
    """The line once for each value of its variables; what comes out alike counts once."""
    names = re.findall(r"\$(\w+)", line)
    for name in names:
        if name not in variables:
            raise ValueError(f"${name} has no values; write `${name} = value value` further up")
    if not names:
        return [line]
    name = min(names, key=lambda name: len(variables[name]))  # abbreviations first: they name other variables
    values = variables[name]

    def entry(match: re.Match[str], at: int) -> str:
        """What stands for value number `at` of the variable where it is used."""
        if match[1] is None:
            return values[at]
        entries = match[1].split("/")
        if len(entries) != len(values):
            raise ValueError(f"{match[0]} needs {len(values)} entries between `/`: one for each of {' '.join(values)}")
        return entries[at]

    use = re.compile(rf"\${name}\b(?:\{{([^{{}}]*)\}})?")  # $n, or $n{œil/yeux}
    lines = []
    for at in range(len(values)):
        filled = use.sub(lambda match, at=at: entry(match, at), line)
        lines += _expand(filled, variables)  # the variables that are left
    return list(dict.fromkeys(lines))


def _read_rewrite(line: str) -> Rewrite:
    match = re.fullmatch(r"@(src|trg|join)\s+(\S.*?)\s+=>\s+(\S.*)", unicodedata.normalize("NFD", line))
    if not match:
        raise ValueError(f"{line!r} is not understood; write `@src` (or @trg, @join) `words => words`, or `@full`")
    kind, old, new = match.groups()
    whole_words = re.compile(rf"(?<!\S)(?:{old})(?!\S)")
    side = "trg" if kind == "trg" else "src"
    return Rewrite(side, whole_words, new, joins=kind == "join")


def _read_rule(line: str, number: int) -> Rule:
    fields = line.split("|||")
    left = re.fullmatch(r"\s*\[([^][,\s]+)\]\s*", fields[0])
    if not left or len(fields) not in (3, 4):
        rule = "[X] ||| source ||| target"
        raise ValueError(f"a rule is `{rule}` or `{rule} ||| features`, not {line!r}")
    src = _read_side(fields[1])
    trg = _read_side(fields[2])
    slots = _slots(src)
    odd = set(slots) ^ set(_slots(trg))
    if odd:
        name, index = min(odd)
        raise ValueError(f"[{name},{index}] has no partner of this name and index on the other side; add it")
    features = fields[3].split() if len(fields) == 4 else []
    head = _read_head(features, src)
    weight, links = _read_features(features, src, trg)
    return Rule(
        left=left[1],
        src=src,
        trg=trg,
        weight=weight,
        links=links,
        line=number,
        slots=slots,
        head=head,
    )


def _read_side(text: str) -> Side:
    symbols = tuple(_read_symbol(word) for word in text.split())
    if not symbols:
        raise ValueError("a side of the rule is empty; give it a word or a nonterminal")
    return symbols


def _slots(side: Side) -> tuple[Slot, ...]:
    """The nonterminals of a side, numbered from 1 in any order."""
    slots = tuple(symbol for symbol in side if isinstance(symbol, Slot))
    indices = sorted(slot.index for slot in slots)
    wanted = list(range(1, len(slots) + 1))
    if indices != wanted:
        raise ValueError("each index stands once on each side; number the nonterminals 1, 2, ..., the head 1")
    return slots


def _read_symbol(word: str) -> str | Slot:
    slot = re.fullmatch(r"\[([^][,]+),([1-9]\d*)\]", word)
    if slot:
        return Slot(slot[1], int(slot[2]))
    if set(word) & set("[]{}$"):
        raise ValueError(f"{word!r} is neither a word nor a nonterminal with its index, such as [NP,1]")
    return word


def _word_positions(side: Side) -> list[int]:
    return [at for at, symbol in enumerate(side) if isinstance(symbol, str)]


def _read_head(features: list[str], src: Side) -> int | None:
    """Take the source symbol that is to be the head out of the features; None where it is not named."""
    heads = [feature for feature in features if feature.startswith("head=")]
    if not heads:
        return None
    features.remove(heads[0])
    number = heads[0].removeprefix("head=")
    if len(heads) > 1 or not re.fullmatch(r"\d+", number) or int(number) >= len(src):
        raise ValueError(f"{heads[-1]!r}: a rule has one head, a symbol of the source counted from 0 to {len(src) - 1}")
    return int(number)


def _read_features(features: list[str], src: Side, trg: Side) -> tuple[float, Links]:
    """Weight and links: as given, or else 1 and all words with all words."""
    weight = 1.0
    links = set(product(_word_positions(src), _word_positions(trg)))
    for feature in features:
        key, _, value = feature.rpartition("=")
        link = re.fullmatch(r"(\d+)-(\d+)", value)
        if key == "weight" and re.fullmatch(r"\d+(\.\d+)?", value) and float(value) > 0:
            weight = float(value)
        elif key in ("align", "") and link:
            if key:  # the first link; the others follow without a key
                links = set()
            links.add((int(link[1]), int(link[2])))
        else:
            raise ValueError(f"{feature!r} is no weight above 0 (weight=2), alignment (align=0-0 1-2) or head (head=1)")
    last_src, last_trg = len(src) - 1, len(trg) - 1
    for i, j in links:
        if i > last_src or j > last_trg:
            raise ValueError(f"a symbol to align is not there; count from 0 to {last_src} and to {last_trg}")
    return weight, frozenset(links)


def check_rules(rules: list[Rule], name: str) -> None:
    """Every nonterminal ends in words, every line is of use, and no nonterminal becomes itself.

    Of the rules that a line with variables stands for, some may lead nowhere or be out of reach, but not all.
    """
    lefts = {rule.left for rule in rules}
    finite = _finite(rules)
    if START not in lefts:
        raise GrammarError(f"{name}:1: no rule for [{START}], where sentences start; add `[{START}] ||| ... ||| ...`")
    for line, of_line in groupby(rules, lambda rule: rule.line):
        alike = list(of_line)
        where = f"{name}:{line}:"
        missing = [{slot.name for slot in rule.slots} - lefts for rule in alike]
        if all(missing):
            raise GrammarError(f"{where} [{min(missing[0])}] has no rule; add one or correct the name")
        if all(rule.left not in finite for rule in alike):
            raise GrammarError(f"{where} [{alike[0].left}] never ends in words; give it a rule that does")
    useful = useful_rules(rules)
    lines = {rule.line for rule in useful}
    for rule in rules:
        if rule.line not in lines:
            raise GrammarError(f"{name}:{rule.line}: no sentence uses [{rule.left}]; use it or remove the line")
    _check_circles(useful, name)


def _check_circles(rules: list[Rule], name: str) -> None:
    """No nonterminal becomes itself by rules that hold one nonterminal and nothing else."""
    renames = TopologicalSorter()
    for rule in rules:
        if len(rule.src) == len(rule.slots) == 1:
            renames.add(rule.left, rule.slots[0].name)
    try:
        renames.prepare()
    except CycleError as error:
        left = error.args[1][0]
        line = min(rule.line for rule in rules if rule.left == left)
        raise GrammarError(f"{name}:{line}: [{left}] can become itself; break the circle of rules") from None


def _finite(rules: list[Rule]) -> set[str]:
    """Nonterminals that can end in words."""
    finite: set[str] = set()
    while True:
        more = {rule.left for rule in rules if _all_in(finite, rule)}
        if more <= finite:
            return finite
        finite |= more


def useful_rules(rules: list[Rule]) -> list[Rule]:
    """The rules that stand in some derivation of a sentence."""
    at_hand = _within_reach(rules)
    finite = _finite(at_hand)
    return _within_reach([rule for rule in at_hand if _all_in(finite, rule)])


def _within_reach(rules: list[Rule]) -> list[Rule]:
    """The rules at which one can arrive from [S]."""
    below: dict[str, set[str]] = {}
    for rule in rules:
        below.setdefault(rule.left, set()).update(slot.name for slot in rule.slots)
    reached, ahead = {START}, [START]
    while ahead:
        new = below.get(ahead.pop(), set()) - reached
        reached |= new
        ahead += new
    return [rule for rule in rules if rule.left in reached]


def _all_in(names: set[str], rule: Rule) -> bool:
    """Tell whether all nonterminals of a rule are among these."""
    return all(slot.name in names for slot in rule.slots)

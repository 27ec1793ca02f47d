import random
from functools import cache

import pytest

from s2s_lib.corpora.grammar import Grammar, Tree
from s2s_lib.corpora.parallel import SentencePair
from s2s_lib.scfg import GrammarError, Rule, Slot

TINY = """
$n = s p
$pl = $n{/s}
[S] ||| [NP-$n,1] [V-$n,2] ||| [NP-$n,1] [V-$n,2]
[NP-$n] ||| [D-$n,2] [N-$n,1] ||| [D-$n,2] [N-$n,1] ||| weight=3
[NP-$n] ||| [D-$n,2] [N-$n,1] noir$pl ||| [D-$n,2] black [N-$n,1] ||| align=2-1
[D-$n] ||| $n{le/les} ||| the
[N-$n] ||| chat$pl ||| cat$pl
@full
[N-$n] ||| $n{œil/yeux} ||| eye$pl
[V-$n] ||| se $n{lave/lavent} ||| $n{washes/wash}
[V-$n] ||| ne dor$n{t/ment} pas ||| $n{does/do} not sleep ||| align=0-0 0-1 1-2 2-1
"""


def derivations(grammar: Grammar, words: list[str] | tuple[str, ...]) -> list[Tree]:
    """Parse source words, as they stand before rewriting, into every derivation: an oracle that shares no code."""
    words, rules = tuple(words), {}
    for rule in grammar.rules:
        if {symbol for symbol in rule.src if isinstance(symbol, str)} <= set(words):
            rules.setdefault(rule.left, []).append(rule)

    @cache
    def trees(name: str, start: int, end: int) -> list[Tree]:
        return [Tree(rule, dict(found)) for rule in rules.get(name, ()) for found in fill(rule.src, start, end)]

    @cache
    def fill(symbols: tuple[str | Slot, ...], start: int, end: int) -> list[tuple[tuple[int, Tree], ...]]:
        if not symbols:
            return [()] if start == end else []
        first, rest = symbols[0], symbols[1:]
        if isinstance(first, str):
            return fill(rest, start + 1, end) if start < end and words[start] == first else []
        cuts = range(start + 1, end - len(rest) + 1) if rest else [end]
        return [
            ((first.index, tree), *others)
            for cut in cuts
            for others in fill(rest, cut, end)
            for tree in trees(first.name, start, cut)
        ]

    return trees("S", 0, len(words))


def unspelled(tree: Tree) -> list[str]:
    """Read the source words of a derivation, before rewriting."""
    words = []
    for symbol in tree.rule.src:
        words += [symbol] if isinstance(symbol, str) else unspelled(tree.children[symbol.index])
    return words


def readings(grammar: Grammar, words: str) -> set[tuple[str, str]]:
    """Read source words, as they stand before rewriting, in every way; return sentences and translations."""
    pairs = [grammar.spell(tree) for tree in derivations(grammar, words.split())]
    return {(" ".join(pair.src), " ".join(pair.trg)) for pair in pairs}


def flawed(pair: SentencePair) -> bool:
    """Find out whether a word has no partner, or a link leads out of the sentence."""
    src, trg = ({link[side] for link in pair.alignment} for side in (0, 1))
    return src != set(range(len(pair.src))) or trg != set(range(len(pair.trg)))


def sentences(grammar: Grammar, lengths: range, number: int, seed: int = 0) -> list[SentencePair]:
    rng = random.Random(seed)
    return [grammar.sample(rng, rng.choice(lengths)) for _ in range(number)]


# ---------------------------------------------------------------- the notation


def grammar(*lines: str, size: str = "full") -> Grammar:
    return Grammar.parse("\n".join(lines), "my.scfg", size)


def only(*lines: str) -> SentencePair:
    """Spell the one sentence of a grammar."""
    made = grammar(*lines)
    (length,) = [length for length in range(1, 9) if made.count(length) > made.count(length - 1)]
    return made.sample(random.Random(0), length)


def test_a_rule_orders_its_nonterminals_differently_on_both_sides():
    pair = only(
        "[S] ||| [D,1] [N,2] [A,3] ||| [D,1] [A,3] [N,2]",
        "[D] ||| le ||| the",
        "[N] ||| chat ||| cat",
        "[A] ||| noir ||| black",
    )
    assert pair == SentencePair(("le", "chat", "noir"), ("the", "black", "cat"), frozenset({(0, 0), (1, 2), (2, 1)}))


def test_all_words_of_a_rule_translate_each_other_unless_it_says_otherwise():
    assert only("[S] ||| a b ||| c d").alignment == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert only("[S] ||| a b ||| c d ||| align=0-1 1-0 weight=2").alignment == {(0, 1), (1, 0)}


def test_a_link_to_a_nonterminal_reaches_its_head_however_deep():
    pair = only(
        "[S] ||| x [A,1] ||| [A,1] ||| align=0-0",
        "[A] ||| [B,2] [C,1] ||| [C,1] [B,2]",
        "[B] ||| b ||| B",
        "[C] ||| c c ||| C",
    )
    assert pair.trg == ("C", "B")
    assert pair.alignment == {(0, 0), (1, 1), (2, 0), (3, 0)}


def test_a_rule_may_name_another_head_of_its_source_side():
    lines = ["[S] ||| [A,1] [B,2] ||| [A,1] but [B,2] ||| align=0-1", "[A] ||| [V,1] a ||| not [V,1] ||| align=1-0{}",
             "[V] ||| v ||| V", "[B] ||| b ||| B"]  # fmt: skip
    without = only(*(line.format("") for line in lines))
    named = only(*(line.format(" head=1") for line in lines))
    assert without.trg == named.trg == ("not", "V", "but", "B")
    assert without.alignment == {(0, 1), (1, 0), (0, 2), (2, 3)}
    assert named.alignment == {(0, 1), (1, 0), (1, 2), (2, 3)}


def test_the_head_may_be_a_nonterminal_and_the_target_side_keeps_its_own():
    pair = only(
        "[S] ||| x [A,1] ||| y [A,1] ||| align=0-1 1-0",
        "[A] ||| [B,2] [C,1] ||| [C,1] [B,2] ||| head=0",
        "[B] ||| b ||| B",
        "[C] ||| c ||| C",
    )
    assert pair.trg == ("y", "C", "B")
    assert pair.alignment == {(0, 1), (1, 0), (1, 2), (2, 1)}


def test_joining_is_left_out_where_units_are_morphemes():
    lines = ["[S] ||| a +b c ||| x y z ||| align=0-0 1-1 2-2", r"@src \+b => +d", r"@join (\S+) \+(\S+) => \1\2"]
    words, morphemes = (Grammar.parse("\n".join(lines), units=units) for units in ("words", "morphemes"))
    assert words.sample(random.Random(0), 3) == SentencePair(
        ("ad", "c"), ("x", "y", "z"), frozenset({(0, 0), (0, 1), (1, 2)})
    )
    assert morphemes.sample(random.Random(0), 3).src == ("a", "+d", "c")
    with pytest.raises(ValueError, match="'words' or 'morphemes'"):
        Grammar.parse(TINY, units="letters")


def test_a_variable_stands_for_a_line_per_value_and_a_table_holds_an_entry_per_value():
    made = Grammar.parse(TINY)
    assert readings(made, "les yeux noirs se lavent") == {("les yeux noirs se lavent", "the black eyes wash")}
    assert readings(made, "les chat se lavent") == set()


def test_the_small_grammar_ends_at_the_mark_and_drops_what_then_leads_nowhere():
    made = grammar(
        "[S] ||| [A,1] ||| [A,1]",
        "[S] ||| [B,1] ||| [B,1]",
        "[A] ||| a ||| a",
        "@full",
        "[B] ||| b ||| b",
        size="small",
    )
    assert [rule.left for rule in made.rules] == ["S", "A"]


def test_rewriting_joins_words_and_their_alignment():
    pair = only(
        "[S] ||| [A,1] de le [B,2] ||| [A,1] of the [B,2] ||| align=1-1 2-2",
        "[A] ||| a ||| x",
        "[B] ||| b ||| y",
        "@src de le => du",
    )
    assert pair.src == ("a", "du", "b")
    assert pair.alignment == {(0, 0), (1, 1), (1, 2), (2, 3)}


def test_rewriting_sees_whole_words_letters_without_accents_and_what_earlier_lines_wrote():
    made = ["@src le(?=\\s[ae]) => l'", "@src (l' \\S+) => \\1!", "@trg a(?=\\se) => an"]
    assert only("[S] ||| le été ||| a egg", *made)[:2] == (("l'", "été!"), ("an", "egg"))
    assert only("[S] ||| mâle été ||| na egg", *made)[:2] == (("mâle", "été"), ("na", "egg"))


@pytest.mark.parametrize(
    ("line", "lines", "about"),
    [
        (2, ["[S] ||| a ||| b", "[S] || a || b"], "a rule is"),
        (1, ["S ||| a ||| b"], "a rule is"),
        (1, ["[S] ||| a ||| b ||| weight=1 ||| c"], "a rule is"),
        (1, ["[S] ||| a |||"], "empty"),
        (1, ["[S] ||| [NP] ||| [NP,1]"], "index"),
        (1, ["[S] ||| [NP,1 ||| a"], "index"),
        (2, ["[NP] ||| a ||| b", "[S] ||| [NP,1] ||| a"], "no partner"),
        (2, ["[NP] ||| a ||| b", "[S] ||| [NP,1] ||| [VP,1]"], "no partner"),
        (2, ["[NP] ||| a ||| b", "[S] ||| [NP,1] [NP,1] ||| [NP,1]"], "once"),
        (2, ["[NP] ||| a ||| b", "[S] ||| [NP,2] ||| [NP,2]"], "head 1"),
        (3, ["# my language", "", "[S] ||| [NP,1] ||| [NP,1]"], "no rule"),
        (2, ["[S] ||| a ||| b", "[S] ||| a [S,1] ||| b [X,1]"], "no partner"),
        (2, ["[S] ||| [A,1] ||| [A,1]", "[A] ||| a [A,1] ||| b [A,1]", "[S] ||| a ||| b"], "never ends"),
        (2, ["[S] ||| a ||| b", "[A] ||| a ||| b"], "no sentence uses"),
        (1, ["[S] ||| [A,1] ||| [A,1]", "[A] ||| [S,1] ||| [S,1]", "[A] ||| a ||| b"], "itself"),
        (1, ["[S] ||| a ||| b ||| weight=0"], "weight"),
        (1, ["[S] ||| a ||| b ||| weight=-1"], "weight"),
        (1, ["[S] ||| a ||| b ||| weight=nan"], "weight"),
        (1, ["[S] ||| a ||| b ||| heavy"], "weight"),
        (1, ["[S] ||| a ||| b ||| align=0-1"], "count from 0 to 0"),
        (1, ["[S] ||| a ||| b ||| align=0:1"], "alignment"),
        (1, ["[S] ||| a ||| b ||| head=1"], "counted from 0 to 0"),
        (1, ["[S] ||| a ||| b ||| head=x"], "one head"),
        (1, ["[S] ||| a ||| b ||| head=0 head=0"], "one head"),
        (1, [""], r"no rule for \[S\]"),
        (1, ["[NP] ||| a ||| b"], r"no rule for \[S\]"),
        (1, ["[S$n] ||| a ||| b"], r"\$n has no values"),
        (2, ["$n = s p", "[S] ||| $n{a/b/c} ||| b"], "2 entries"),
        (2, ["[S] ||| a ||| b", "@src du"], "not understood"),
        (2, ["[S] ||| a ||| b", "@both a => b"], "not understood"),
        (2, ["[S] ||| a ||| b", "@src (a => b"], "."),
    ],
)  # fmt: skip
def test_an_error_names_file_and_line_and_says_what_to_do(line, lines, about):
    with pytest.raises(GrammarError, match=rf"^my\.scfg:{line}: .*{about}"):
        grammar(*lines)


def test_a_file_that_is_not_utf8_is_named_with_its_line(tmp_path):
    (tmp_path / "latin.scfg").write_bytes("# one\n[S] ||| été ||| summer\n".encode("latin-1"))
    with pytest.raises(GrammarError, match=r"^latin\.scfg:2: .*UTF-8"):
        Grammar.load(tmp_path / "latin.scfg")


def test_an_unknown_size_or_an_impossible_length_is_refused():
    with pytest.raises(ValueError, match="'full' and 'small'"):
        Grammar.parse(TINY, size="tiny")
    with pytest.raises(ValueError, match="no sentence of this grammar has 2 words"):
        Grammar.parse(TINY).sample(random.Random(0), 2)


# ---------------------------------------------------------------- drawing and counting


def test_as_many_sentences_are_counted_as_can_be_told_apart():
    """Two nouns, with or without an adjective, two verbs, two numbers, of 4 and 5 or 5 and 6 words."""
    made = Grammar.parse(TINY)
    drawn = {length: {pair.src for pair in sentences(made, range(length, length + 1), 300)} for length in (4, 5, 6)}
    assert [made.count(length) for length in (3, 4, 5, 6, 20)] == [0, 4, 12, 16, 16]
    assert [len(drawn[length]) for length in (4, 5, 6)] == [4, 8, 4]


def test_a_sentence_has_the_length_that_was_asked_for():
    made = Grammar.parse("[S] ||| a [S,1] b ||| [S,1] c\n[S] ||| a [S,1] ||| c [S,1]\n[S] ||| a ||| c")
    for length in range(1, 30):
        assert len(made.sample(random.Random(length), length).src) == length


def test_a_rule_is_drawn_as_often_as_its_weight_says():
    made = grammar("[S] ||| [A,1] ||| [A,1]", "[A] ||| a ||| a ||| weight=3", "[A] ||| b ||| b", "[S] ||| c ||| c")
    drawn = [pair.src[0] for pair in sentences(made, range(1, 2), 4000)]
    assert [drawn.count(word) / 4000 for word in "abc"] == pytest.approx([3 / 8, 1 / 8, 1 / 2], abs=0.04)


def test_the_same_seed_draws_the_same_sentences_and_another_seed_others():
    made = Grammar.parse(TINY)
    first, again, other = (sentences(made, range(4, 7), 50, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_parser_finds_every_reading():
    made = Grammar.parse("[S] ||| [S,1] [S,2] ||| [S,2] [S,1]\n[S] ||| a ||| b")
    assert [len(derivations(made, ["a"] * length)) for length in range(1, 6)] == [1, 1, 2, 5, 14]  # Catalan numbers
    assert made.count(5) == 1 + 1 + 2 + 5 + 14
    assert isinstance(made.rules[0], Rule)

"""Words of any script in figures: letters that a text's own font lacks are drawn by another font of this machine.

Latin figures look as matplotlib draws them, since a text's own font comes first. matplotlib shapes the words (it joins
Arabic letters, and orders and joins those of Devanagari) where one font has all letters of a word. What it does not do:
emoji in colour, which come as outlines where a font has them and as boxes where none has; and other scripts in a text
that has a formula between dollar signs.
"""

import logging
from collections.abc import Iterator, Set
from functools import lru_cache
from string import printable
from unicodedata import category, name

from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.font_manager import FontEntry, FontPath, FontProperties, findfont, fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

# A font that comes with matplotlib and draws any letter as a box: without a warning, where it is asked for by name.
BOXES = "Last Resort High-Efficiency"
EVERYWHERE = frozenset(printable)  # letters that need no search, and the newline
REGIONS = {"HANGUL": "KR", "HIRAGANA": "JP", "KATAKANA": "JP"}  # whose shapes Chinese characters take; else China's own
CHOSEN = {BOXES}  # the families that were ever chosen here


def legible(artist: Artist) -> None:
    """Choose fonts for all words in a figure or in axes, as the words are now.

    A letter that no font has becomes a box. Half a character, or one that is no letter, becomes U+FFFD.
    """
    for axis in artist.findobj(Axis):
        _write_labels(axis)
    texts = artist.findobj(Text)
    letters = set()
    for text in texts:
        words = drawable(text.get_text())
        text.set_text(words)
        letters.update(words)
    letters -= EVERYWHERE
    if letters:
        for text in texts:
            _choose(text, frozenset(letters))


def drawable(text: str) -> str:
    """Replace what no font can draw and no SVG may hold: control characters and halves of a character."""
    return "".join(letter if _is_drawable(letter) else "\ufffd" for letter in text)


def _is_drawable(letter: str) -> bool:
    if letter in "\n\ufffe\uffff":
        return letter == "\n"
    return category(letter) not in ("Cc", "Cs")


def _write_labels(axis: Axis) -> None:
    """Let an axis write the labels of its ticks, as it does when it is drawn, and from now on drawable ones."""
    labels = [label.get_text() for label in axis.get_majorticklabels()]
    if any(drawable(label) != label for label in labels):
        format_label = axis.get_major_formatter()
        axis.set_major_formatter(lambda value, place=None: drawable(format_label(value, place)))
        axis.get_majorticklabels()


def _choose(text: Text, letters: frozenset[str]) -> None:
    """Set a text's families, unless somebody wants it in the font of a certain file."""
    if text.get_fontproperties().get_file() is not None:
        return
    own = tuple(family for family in text.get_fontfamily() if family != BOXES)
    style, weight = text.get_fontstyle(), text.get_fontweight()
    installed = len(fontManager.ttflist)  # a notebook may add some at any time
    text.set_fontfamily(families(letters, own, style, weight, installed))


@lru_cache(maxsize=256)
def families(
    letters: frozenset[str],
    own: tuple[str, ...],
    style: str,
    weight: str | int,
    installed: int,
) -> tuple[str, ...]:
    """Give the families of a text: its own, then some that have the letters which those lack, and boxes for the rest.

    The same fonts on a machine give the same answer; `installed`, how many there are, makes the cache forget.
    """
    missing = set(letters)
    for family in own:
        missing -= _drawn_by(_face(family, style, weight), missing)
    found = []
    for family, drawn in _search(missing, style, weight):
        found.append(family)
        missing -= drawn
    if missing:
        found.append(BOXES)
    CHOSEN.update(found)
    return (*own, *found)


def _search(letters: Set[str], style: str, weight: str | int) -> Iterator[tuple[str, Set[str]]]:
    """Yield families of this machine and the letters that each adds, until all are found."""
    missing = {letter for letter in letters if category(letter) != "Co"}  # private use: only its own font knows
    candidates = _installed(missing) if missing else []
    for family, plain in candidates:
        drawn = _drawn_by(plain, missing)
        if drawn:  # which of its files matplotlib would take is known only now, since that takes long to find out
            drawn = _drawn_by(_face(family, style, weight), missing)
        if drawn:
            yield family, drawn
            missing -= drawn
        if not missing:
            return


def _installed(letters: Set[str]) -> list[tuple[str, FontPath]]:
    """List the families of this machine, each with its plainest face: those first that suit the letters."""
    faces = {}
    for font in sorted(fontManager.ttflist, key=_plainest_first):
        faces.setdefault(font.name, FontPath(font.fname, font.index))
    region = _region(letters)

    def suiting_first(family: str) -> tuple:
        is_for_books = "Serif" in family or "Mono" in family
        return is_for_books, not family.endswith(region), not family.startswith("Noto Sans"), family

    return [(family, faces[family]) for family in sorted(faces, key=suiting_first) if not _has_only_boxes(family)]


def _plainest_first(font: FontEntry) -> tuple:
    is_plain = (font.style, font.weight, font.stretch) == ("normal", 400, "normal")
    return not is_plain, font.fname, font.index


def _region(letters: Set[str]) -> str:
    """Tell whose shapes Chinese characters take beside these letters."""
    scripts = {name(letter, "?").split()[0] for letter in letters}
    for script, region in REGIONS.items():
        if script in scripts:
            return region
    return "SC"


def _has_only_boxes(family: str) -> bool:
    return "LastResort" in family.replace(" ", "")  # macOS has such a font, too


def _face(family: str, style: str, weight: str | int) -> FontPath | None:
    """Give the file that matplotlib draws a family with."""
    wanted = FontProperties(family=[family], style=style, weight=weight)
    try:
        return findfont(wanted, fallback_to_default=False)
    except ValueError:  # there is none: matplotlib will tell
        return None


def _drawn_by(face: FontPath | None, letters: Set[str]) -> Set[str]:
    """Give those of the letters that a font has: none where its file is broken, or its glyphs are coloured pictures."""
    try:
        font = FT2Font(face.path, face_index=face.face_index)
        font.set_size(12, 72)
        has = {letter for letter in letters if font.get_char_index(ord(letter))}
        visible = [letter for letter in has if category(letter)[0] not in "CZ"]
        if visible and not any(_has_outline(font, letter) for letter in visible):
            return set()
    except Exception:  # of the fonts on a machine some can't be read, in many ways
        return set()
    return has


def _has_outline(font: FT2Font, letter: str) -> bool:
    font.load_char(ord(letter))
    vertices, _ = font.get_path()
    return len(vertices) > 0


def _is_news(record: logging.LogRecord) -> bool:
    """Tell whether a line of the log is for the reader: that a font has no bold face isn't if it was chosen here."""
    if not str(record.msg).startswith("findfont: Failed to find font weight"):
        return True
    _, family, _ = record.args
    return family not in CHOSEN


logging.getLogger("matplotlib.font_manager").addFilter(_is_news)

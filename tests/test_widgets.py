import struct
from base64 import b64decode

import pytest
import tiny

from s2s_lib.widgets import LiveTranslation
from s2s_lib.widgets.live import LONGEST


@pytest.fixture
def live():
    return LiveTranslation(tiny.translator(), "a b c")


def size_of(png):
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])


def test_typing_changes_text_and_picture(live):
    text, picture = live.output.value, live.image.value
    live.field.value = "c a"
    assert live.image.value != picture
    assert size_of(live.image.value)[0] < size_of(picture)[0]  # two source words are narrower than three
    live.field.value = "a b c"
    assert (live.output.value, live.image.value) == (text, picture)


def test_no_text_gives_an_invitation_and_no_picture(live):
    live.field.value = "   "
    assert (live.output.value, live.image.value) == ("<b></b>", b"")
    assert live.message.value == "Type a sentence."


def test_an_unknown_word_is_named_and_markup_stays_text(live):
    live.field.value = "a <img onerror=x>"
    assert "&lt;" in live.message.value
    assert "<img" not in live.message.value + live.output.value


def test_too_long_a_sentence_is_translated_but_not_drawn(live):
    live.field.value = "a " * (LONGEST + 1)
    assert live.image.value == b""
    assert str(LONGEST) in live.message.value


def test_an_error_is_shown_where_it_can_be_seen(live, monkeypatch):
    def fails(text):
        raise RuntimeError("no <such> thing")

    monkeypatch.setattr(live.translator, "translate", fails)
    live.field.value = "b"
    assert "RuntimeError: no &lt;such&gt; thing" in live.message.value


def test_the_stored_form_holds_a_picture_and_a_text_that_never_changes(live):
    bundle = live._repr_mimebundle_()
    assert bundle["text/plain"] == repr(live) == "LiveTranslation('a b c')"
    assert b64decode(bundle["image/png"]) == live.image.value
    assert size_of(live.image.value)


def test_a_translator_without_attention_shows_its_text_alone():
    live = LiveTranslation(tiny.translator(attention=None), "a b")
    assert live.image.value == b""
    assert live.output.value.startswith("<b>")


def test_many_updates_leave_no_figure_behind(live):
    import matplotlib.pyplot as plt

    for text in ("a", "b", "c", "a b") * 5:
        live.field.value = text
    assert plt.get_fignums() == []

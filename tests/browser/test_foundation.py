"""The browser tests' own ground: what they rely on can fail, and JupyterLab runs widgets with every ipykernel."""

import re
from pathlib import Path

import pytest
from accessibility import audit
from lab import DARK
from pages import Pages, outside
from server import ROOT

CLEAN = """<!doctype html><html lang="en"><title>A page</title>
<main><h1>A page</h1><img alt="one dot" src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></main></html>"""
STRAY = "http://203.0.113.1/x.png"  # an address kept for documentation: nobody answers there
COUNTER = """
import anywidget, traitlets
class Counter(anywidget.AnyWidget):
    _esm = '''export default {render({model, el}) {
        const button = document.createElement("button");
        const show = () => { button.textContent = `count is ${model.get("value")}`; };
        button.onclick = () => { model.set("value", model.get("value") + 1); model.save_changes(); };
        model.on("change:value", show);
        show();
        el.append(button);
    }};'''
    value = traitlets.Int(0).tag(sync=True)
counter = Counter()
counter
"""


def test_a_clean_page_is_no_trouble(page, new_page):
    page.set_content(CLEAN)
    assert audit(page)["passes"]
    assert new_page.trouble == []


def show_until(pages, content, message):
    """Show a page until `message` is among its troubles."""
    page = pages()
    page.set_content(content)
    hear(page, pages, message)


def hear(page, pages, message, tries=1500):
    """Wait until `message` is among the troubles, for 30 s at most; whether it is, the caller asserts."""
    while tries and not re.search(message, "\n".join(pages.trouble)):
        page.wait_for_timeout(20)
        tries -= 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"<img alt='' src='{STRAY}'>", f"outside request: {STRAY}"),
        ("<script>new WebSocket('ws://203.0.113.1/')</script>", "outside request: ws://203.0.113.1/"),
        ("<script>throw new Error('oh no')</script>", "page error: .*oh no"),
        ("<script>Promise.reject(new Error('oh no'))</script>", "page error: .*oh no"),
        ("<script>console.error('oh dear')</script>", "console error: oh dear"),
    ],
)
def test_what_goes_wrong_in_a_page_fails_its_test(browser, content, message):
    with pytest.raises(AssertionError, match=message), Pages(browser) as pages:
        show_until(pages, content, message)


def test_a_test_may_mean_its_trouble(page, new_page):
    page.evaluate("console.error('as meant')")
    hear(page, new_page, "as meant")
    assert "as meant" in new_page.trouble[0]
    new_page.trouble.clear()


def test_only_this_machine_is_inside():
    assert not any(
        map(outside, ["data:,x", "file:///x", "http://127.0.0.1:8888/lab", "http://localhost/", "ws://[::1]/"])
    )
    assert all(
        map(outside, [STRAY, "https://localhost.example.org/", "wss://example.org/", "http://127.0.0.1.example/"])
    )


def test_the_audit_finds_an_image_without_a_text(page):
    page.set_content(CLEAN.replace('alt="one dot"', ""))
    with pytest.raises(AssertionError, match=r"image-alt \(critical\).*\n *<img"):
        audit(page)


def test_the_audit_of_a_fragment_sees_the_fragment_only(page):
    page.set_content("<img src='data:,'><div id=good><h4>Deep</h4>words</div><div id=bad><button></button></div>")
    audit(page, "#good", fragment=True)
    for wrong in ({"selector": "#bad", "fragment": True}, {"selector": "#gone"}, {}):
        with pytest.raises(AssertionError, match=r"button-name|nothing on the page is #gone|document-title"):
            audit(page, **wrong)


def test_a_page_is_opened_as_a_reader_set_it_up(new_page):
    page = new_page(viewport={"width": 320, "height": 600}, color_scheme="dark", reduced_motion="reduce")
    wishes = "['(max-width: 320px)', '(prefers-color-scheme: dark)', '(prefers-reduced-motion)']"
    assert page.evaluate(f"{wishes}.map(wish => matchMedia(wish).matches)") == [True] * 3


VERSION = "import ipykernel; print(ipykernel.__version__)"
LIBRARY = "import s2s_lib.corpora.text as it; print(it.__file__)"
SLIDER = "import ipywidgets\nslider = ipywidgets.IntSlider(3, description='steps')\nslider"
READ_AND_SET = "print(slider.value, counter.value)\ncounter.value = 40"


def test_every_ipykernel_draws_widgets_and_hears_them(lab, page, kernel):
    lab.notebook("widgets.ipynb", [VERSION, LIBRARY, SLIDER, COUNTER, READ_AND_SET], kernel)
    lab.visit(page, "widgets.ipynb")
    assert lab.cell_count(page) == 5
    lab.run_all(page)
    assert lab.text(page, 0).strip() == kernel
    assert Path(lab.text(page, 1).strip()) == ROOT / "s2s_lib" / "corpora" / "text.py"
    assert lab.text(page, 4) == "3 0\n"
    lab.cell(page, 3).get_by_role("button", name="count is 40").click()
    lab.cell(page, 3).get_by_role("button", name="count is 41").wait_for()
    lab.cell(page, 2).get_by_role("slider").press("ArrowRight")
    lab.run_cell(page, 4)
    assert lab.text(page, 4) == "4 41\n"


def test_what_goes_wrong_in_jupyterlab_is_told(lab, page, new_page):
    picture = f"from IPython.display import HTML\nHTML('<img src={STRAY}>')"
    lab.notebook("wrong.ipynb", ["1 / 0", picture, COUNTER.replace("show();", "oh.no();"), "input()"])
    lab.visit(page, "wrong.ipynb")
    assert new_page.trouble == []
    with pytest.raises(AssertionError, match="cell 0: ZeroDivisionError"):
        lab.run_cell(page, 0)
    lab.run_cell(page, 1)
    lab.cell(page, 1).locator("img").wait_for(state="attached")
    hear(page, new_page, "outside request")
    assert f"outside request: {STRAY}" in new_page.trouble
    with page.expect_event("pageerror"):
        lab.run_cell(page, 2)
    hear(page, new_page, "page error")
    assert "page error: oh is not defined" in new_page.trouble
    lab.run_cell(page, 3, wait=False)
    with pytest.raises(AssertionError, match=r"waited 1 s for the kernel to be idle.*'busy'"):
        lab.wait_idle(page, 1)
    new_page.trouble.clear()


def test_a_theme_lasts_for_one_test_and_a_saved_notebook_is_on_disk(lab, page):
    lab.notebook("folder/plain.ipynb", ["print('kept')"])
    lab.visit(page, "folder/plain.ipynb")
    lab.run_all(page)
    lab.theme(page, DARK)
    lab.save(page)
    assert lab.read("folder/plain.ipynb").cells[0].outputs[0].text == "kept\n"
    page.close()
    themes = "lab/api/settings/@jupyterlab/apputils-extension:themes"
    assert lab.ask(themes)["settings"].get("theme") == DARK
    lab.reset()
    assert lab.ask(themes)["settings"].get("theme") is None

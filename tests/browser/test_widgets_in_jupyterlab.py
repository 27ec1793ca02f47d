"""The widgets as students meet them: a real JupyterLab, a real kernel, real keys."""

import statistics

import pytest
from accessibility import audit
from lab import DARK
from server import INSTALLED

BEGUN = "Un homme en chemise bleue et une femme avec un chapeau rouge regardent un petit chien noir dans"  # 18 words
REST = " l'herbe verte."
EXPLORER = """
from s2s_lib import Translator
from s2s_lib.widgets import AttentionExplorer
AttentionExplorer(Translator.load({translator!r}), {text!r})
"""
TRAINING = """
import time
import torch
from s2s_lib import Translator, Vocabs, batches, build_model, corpora, fit
from s2s_lib.widgets import TrainingMonitor
corpus = corpora.french(size="small")
src_vocab, trg_vocab = Vocabs.of(corpus)
train = batches(corpus.train, src_vocab, trg_vocab, batch_size=64, generator=torch.Generator().manual_seed(0))
model = build_model(len(src_vocab), len(trg_vocab), attention="dot", embedding_dim=16, hidden_size=16, num_layers=1)
pair = next(pair for pair in corpus.test if len(pair.src) == 6)
monitor = TrainingMonitor(Translator(model, src_vocab, trg_vocab), pair.src, forced=pair.trg, gold=pair.alignment)
monitor
"""
FIT = """
def slowly(event):
    monitor(event)
    time.sleep(0.3)

history = fit(model, train, epochs=5, progress=False, on_event=slowly)
print(history.stopped, len(history.steps), all(weight.isfinite().all().item() for weight in model.parameters()))
"""
# Press Stop as soon as the next step has been shown, and tell which one that was.
STOP_AFTER_A_STEP = """(root) => new Promise((resolve) => {
    const observer = new MutationObserver(() => {
        const step = Number(/step ([0-9]+) of/.exec(root.querySelector(".s2s-status").textContent)?.[1] ?? 0);
        if (step < 3) return;
        observer.disconnect();
        root.querySelector("button").click();
        resolve(step);
    });
    observer.observe(root, { attributes: true, attributeFilter: ["data-painted"] });
})"""
# Note when each key goes down and when the answer to it is on the screen: one request a key, numbered.
CLOCK = """(root) => {
    window.stopClock?.abort();
    window.stopClock = new AbortController();
    window.pressed = [];
    window.painted = {};
    window.first = Number(root.dataset.painted) + 1;
    const press = () => window.pressed.push(performance.now());
    root.querySelector("input[type=text]").addEventListener("keydown", press, { signal: window.stopClock.signal });
    new MutationObserver(() => { window.painted[root.dataset.painted] ??= performance.now(); })
        .observe(root, { attributes: true, attributeFilter: ["data-painted"] });
}"""
TIMES = "() => window.pressed.map((at, i) => Math.min(9999, (window.painted[window.first + i] ?? Infinity) - at))"


def explorer(lab, page, kernel=INSTALLED, translator="french-dot", text="il me voit"):
    """Open a notebook with an explorer in it, and give its root."""
    lab.notebook("explorer.ipynb", [EXPLORER.format(translator=translator, text=text)], kernel)
    lab.visit(page, "explorer.ipynb")
    lab.run_all(page)
    root = page.locator(".s2s")
    root.locator("canvas").first.wait_for()
    return root


def test_what_is_typed_is_translated_and_drawn(lab, page, kernel):
    root = explorer(lab, page, kernel)
    field = root.get_by_label("source sentence")
    field.fill("")
    field.press_sequentially("elle a vu les chats noirs", delay=30)
    root.get_by_text("noirs", exact=True).first.wait_for()  # "noir" has the same translation
    assert "She saw the black cats" in root.locator(".s2s-output").inner_text()
    assert root.locator(".s2s-cols span").all_inner_texts() == ["elle", "a", "vu", "les", "chats", "noirs"]
    assert field.input_value() == "elle a vu les chats noirs"


def test_a_changed_weight_changes_the_output_and_a_reset_undoes_it(lab, page):
    root = explorer(lab, page, INSTALLED, text="elle a vu les chats noirs")
    before = root.locator(".s2s-output").inner_text()
    root.locator("[role=gridcell]").focus()
    for key in ("End", "o"):  # all weight of the first step on the last word
        page.keyboard.press(key)
    root.locator(".s2s-remarks", has_text="set by hand").wait_for()
    assert "step 1" in root.locator(".s2s-remarks").inner_text()
    assert "1.00" in root.locator("[role=gridcell]:focus").get_attribute("aria-label")
    page.keyboard.press("r")
    root.locator(".s2s-remarks", has_text="set by hand").wait_for(state="detached")
    assert root.locator(".s2s-output").inner_text() == before


def test_keys_in_the_widget_are_not_commands_of_the_notebook(lab, page):
    root = explorer(lab, page)
    for place in (root.get_by_role("button", name="uniform"), root.locator("[role=gridcell]")):
        place.focus()
        for key in ("b", "a", "x", "d", "d", "m", "Enter"):
            page.keyboard.press(key)
    assert lab.cell_count(page) == 1
    page.keyboard.press("Escape")


def typed(page, field, text):
    """Type into the field, and give the milliseconds from each key to its map."""
    field.fill(BEGUN)
    field.press("End")
    page.wait_for_timeout(500)
    page.locator(".s2s").evaluate(CLOCK)
    field.press_sequentially(text, delay=150)
    page.wait_for_timeout(600)
    times = page.evaluate(TIMES)
    print([round(time) for time in times])
    assert len(times) == len(text)
    return times


def test_a_key_is_on_the_screen_within_a_tenth_of_a_second(lab, page):
    field = explorer(lab, page, INSTALLED, "fr-en", BEGUN).get_by_label("source sentence")
    for _ in range(4):  # what else the machine does only adds time: the best of a few rounds counts
        times = sorted(typed(page, field, REST))
        median, most = statistics.median(times), times[int(0.95 * len(times))]
        if median < 100 and most < 150:
            break
    assert (median < 100, most < 150) == (True, True), f"key to map: median {median:.0f} ms, 95th percentile {most:.0f}"


def test_fast_typing_ends_with_what_was_typed(lab, page):
    root = explorer(lab, page, INSTALLED, "fr-en", "un")
    root.get_by_label("source sentence").press("End")
    root.get_by_label("source sentence").press_sequentially(BEGUN[2:] + REST, delay=5)
    page.locator(".s2s-cols span:last-child", has_text=".").wait_for(timeout=5000)
    assert root.locator(".s2s-cols span").count() == 18 + 4  # l', herbe, verte and the full stop


def test_stop_ends_a_training_within_a_step_and_keeps_the_model(lab, page, kernel):
    lab.notebook("training.ipynb", [TRAINING, FIT, "monitor.figure()"], kernel)
    lab.visit(page, "training.ipynb")
    lab.run_cell(page, 0)
    root = page.locator(".s2s")
    root.wait_for()
    lab.run_cell(page, 1, wait=False)
    stopped = root.evaluate(STOP_AFTER_A_STEP)
    lab.wait_idle(page)
    lab.check(page, 1)
    ending, steps, finite = lab.text(page, 1).split()
    assert (ending, finite) == ("interrupted", "True")
    assert stopped <= int(steps) <= stopped + 1
    root.locator(".s2s-status", has_text="stopped").first.wait_for()
    assert root.get_by_role("button", name="Stop").is_disabled()
    assert root.get_by_label("look back").is_visible()
    lab.run_cell(page, 2)
    assert "image/png" in lab.outputs(page, 2)[0]["data"]


def test_the_map_moves_while_the_cell_runs(lab, page, kernel):
    lab.notebook("training.ipynb", [TRAINING, FIT.replace("0.3", "0.02").replace("epochs=5", "epochs=1")], kernel)
    lab.visit(page, "training.ipynb")
    lab.run_cell(page, 0)
    lab.run_cell(page, 1, wait=False)
    root = page.locator(".s2s[data-state=training]")
    root.wait_for()
    before = int(root.get_attribute("data-painted"))
    page.wait_for_function(f"() => Number(document.querySelector('.s2s').dataset.painted) > {before + 5}")
    page.locator(".s2s[data-state=finished]").wait_for(timeout=60_000)
    assert page.locator(".s2s progress").evaluate("bar => bar.value === bar.max")


def test_typing_while_a_cell_runs_is_answered_in_the_end(lab, page, kernel):
    cells = [EXPLORER.format(translator="french-dot", text="il me voit"), "import time; time.sleep(3)"]
    lab.notebook("busy.ipynb", cells, kernel)
    lab.visit(page, "busy.ipynb")
    lab.run_cell(page, 0)
    root = page.locator(".s2s")
    lab.run_cell(page, 1, wait=False)
    root.get_by_label("source sentence").fill("elle a vu les chats noirs")
    lab.wait_idle(page)
    root.get_by_text("She saw the black cats").first.wait_for()
    assert not root.locator(".s2s-alarm").is_visible()


def test_a_saved_notebook_shows_the_table_without_its_kernel(lab, page):
    root = explorer(lab, page)
    lab.save(page)
    data = lab.read("explorer.ipynb").cells[0].outputs[0].data
    assert data["text/html"].startswith("<table>")
    assert data["text/plain"] == "AttentionExplorer('il me voit')"
    page.reload()
    lab.wait_idle(page)
    root.locator("canvas").first.wait_for()  # the kernel still knows the widget


def test_a_second_view_follows_the_first(lab, page):
    cells = [EXPLORER.format(translator="french-dot", text="il me voit").replace("Attention", "shown = Attention", 2)]
    cells[0] = cells[0].replace("import shown = Attention", "import Attention")
    lab.notebook("two.ipynb", [*cells, "shown", "shown"])
    lab.visit(page, "two.ipynb")
    lab.run_all(page)
    page.locator(".s2s canvas").nth(1).wait_for()
    fields = page.get_by_label("source sentence")
    fields.first.fill("elle a vu les chats noirs")
    page.locator(".s2s-output", has_text="She saw the black cats").nth(1).wait_for()
    assert fields.nth(1).input_value() == "elle a vu les chats noirs"


@pytest.mark.parametrize("theme", [None, DARK])
def test_nothing_is_inaccessible_in_the_notebook(lab, page, theme):
    explorer(lab, page, INSTALLED, text="elle a vu les chats noirs")
    if theme:
        lab.theme(page, theme)
    audit(page, ".s2s", fragment=True)

"""Nothing is left of a view that has ended, and nothing grows in one that lives long."""

import pytest
import tiny
from samples import frame
from stub import View, chance, maps, module, panel, traits

from s2s_lib.widgets import AttentionExplorer, StepThrough, TrainingMonitor
from s2s_lib.widgets.saved import data

# Everything that could outlive a view is counted before the module is loaded.
COUNTERS = """
window.live = { listeners: 0, observers: 0, timers: new Set(), frames: new Set(), urls: new Set() };
const wrap = (owner, name, make) => { const own = owner[name]; owner[name] = make(own); };
for (const target of [document, window])
    wrap(target, "addEventListener", (own) => (...given) => { live.listeners++; own.apply(target, given); });
window.ResizeObserver = class extends ResizeObserver {
    observe(...given) { live.observers++; super.observe(...given); }
    disconnect() { live.observers--; super.disconnect(); }
};
for (const [make, drop, kept] of [["setTimeout", "clearTimeout", live.timers],
                                  ["requestAnimationFrame", "cancelAnimationFrame", live.frames]]) {
    wrap(window, make, (own) => (act, ...rest) => {
        const id = own((...given) => { kept.delete(id); act(...given); }, ...rest);
        kept.add(id);
        return id;
    });
    wrap(window, drop, (own) => (id) => { kept.delete(id); own(id); });
}
wrap(URL, "createObjectURL", (own) => (blob) => { const url = own(blob); live.urls.add(url); return url; });
wrap(URL, "revokeObjectURL", (own) => (url) => { live.urls.delete(url); own(url); });
"""
LEFT = """() => ({
    model: model.listening.length, dom: document.getElementById("views").innerHTML, listeners: live.listeners,
    observers: live.observers, timers: live.timers.size, frames: live.frames.size, urls: live.urls.size,
})"""
NOTHING = {"model": 0, "dom": "", "listeners": 0, "observers": 0, "timers": 0, "frames": 0, "urls": 0}
# A view is used before it ends: timers run, the grid is built, the table is open, a request is under way.
CYCLE = """async ([text, cycles]) => {
    window.model = new StubModel(unpack(text));
    for (let i = 0; i < cycles; i++) {
        const end = mount(model);
        const root = document.querySelector(".s2s");
        await new Promise(requestAnimationFrame);
        root.querySelector("[role=gridcell]")?.focus();
        for (const field of root.querySelectorAll("input[type=text]")) {
            for (const text of ["a", "b"]) { field.value = text; field.dispatchEvent(new Event("input")); }
        }
        for (const button of root.querySelectorAll("button:not(:disabled)")) if (button.offsetParent) button.click();
        end();
    }
}"""


def widgets():
    """Give a state of each widget, and of an explorer that shows a still picture."""
    translator = tiny.translator()
    return {
        "explorer": traits(AttentionExplorer(translator, "a b c")),
        "picture": traits(AttentionExplorer(translator, " ".join("abc" * 21))),
        "steps": traits(StepThrough(translator.translate("a b c"))),
        "monitor": traits(TrainingMonitor(translator, "a b c")) | {"frame": frame()},
        "compare": maps(panel(chance(4, 5), name="one"), panel(chance(4, 5), name="other")),
    }


@pytest.mark.parametrize("kind", ["explorer", "picture", "steps", "monitor", "compare"])
def test_after_a_hundred_views_nothing_is_left(page, kind):
    page.add_init_script(COUNTERS)
    page.goto("about:blank")
    page.evaluate(COUNTERS)
    module(page)
    tools = page.context.new_cdp_session(page)

    def nodes():
        tools.send("HeapProfiler.collectGarbage")
        return tools.send("Memory.getDOMCounters")

    state = data(widgets()[kind])
    page.evaluate(CYCLE, [state, 5])
    before = nodes()
    page.evaluate("live.listeners = 0")  # the browser's driver has some of its own
    page.evaluate(CYCLE, [state, 100])
    assert page.evaluate(LEFT) == NOTHING
    after = nodes()
    assert after["nodes"] - before["nodes"] < 50, (before, after)
    assert after["jsEventListeners"] <= before["jsEventListeners"]


UPDATE = """async ([name, text]) => {
    const states = unpack(text);
    const counts = [];
    for (let i = 0; i < 1000; i++) {
        model.push({ [name]: { ...states[i % 2], n: i + 1 } });
        if (i % 50 === 1) {
            await new Promise(requestAnimationFrame);
            await new Promise(requestAnimationFrame);
            counts.push(document.querySelectorAll("*").length);
        }
    }
    return counts;
}"""


def test_a_thousand_answers_leave_the_page_as_large_as_one(page):
    widget = AttentionExplorer(tiny.translator(), "a b c")
    view = View(page, widget)
    page.get_by_role("gridcell").focus()
    page.get_by_role("button", name="Show as table").click()
    counts = page.evaluate(UPDATE, ["answer", data([widget.answer, widget.answer])])
    assert len(set(counts)) == 1, counts
    assert view.page.locator(".s2s-map").count() == 1


def test_a_thousand_frames_leave_the_page_as_large_as_one(page):
    View(page, TrainingMonitor(tiny.translator(), "a b c"), frame=frame())
    counts = page.evaluate(UPDATE, ["frame", data([frame(seed=1), frame(seed=2)])])
    assert len(set(counts)) == 1, counts


PER_PAINT = """() => {
    const samples = [];
    const waiting = [];
    window.requestAnimationFrame = (act) => waiting.push(act);
    for (let i = 0; i < 40; i++) {
        model.push({ frame: { ...model.get("frame"), step: i } });
        const begin = performance.now();
        for (const act of waiting.splice(0)) act();
        document.querySelector(".s2s").getBoundingClientRect(); // the layout belongs to the price
        samples.push(performance.now() - begin);
    }
    return Math.min(...samples); // what else the machine does only adds time
}"""


@pytest.mark.parametrize("entered", [False, True])
def test_a_repaint_of_60_by_60_takes_a_fraction_of_the_time_between_two_frames(page, entered):
    view = View(page, TrainingMonitor(tiny.translator(), "a b c"), frame=frame(300, words=60))
    if entered:
        page.get_by_role("gridcell").focus()
    view.settle()
    spent = page.evaluate(PER_PAINT)
    print(f"{spent:.1f} ms for a repaint of 60 by 60 cells{' with its grid' if entered else ''}")
    assert spent < 40

"""The widgets' module in a bare page, over a model that stands in for Jupyter's and records what it is told."""

import numpy as np

from s2s_lib.widgets.saved import HERE, data

CSS = (HERE / "widget.css").read_text(encoding="utf-8")
MODULE = (HERE / "widget.js").read_text(encoding="utf-8")
SHELL = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A view</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root { color-scheme: light dark; } body { margin: 8px; }</style></head>
<body><main><h1 style="font-size: 16px; margin: 0">A view</h1>
<div id="views"></div></main></body></html>"""
# Tests call functions that the module keeps to itself, so it is evaluated with one line more.
INSIDE = "\nObject.assign(window, { colour, ink, BLUES, RED_BLUE, changed, renormalised, duration, render });\n"
STUB = """
window.StubModel = class {
  constructor(state) {
    Object.assign(this, { state, sent: [], listening: [], interrupts: 0 });
    this.widget_manager = { kernel: { interrupt: async () => { this.interrupts++; } } };
  }
  get(name) { return this.state[name]; }
  set(name, value) {
    this.state[name] = value;
    this.tell(name);
    this.unsaved = { ...this.unsaved, [name]: value };
  }
  save_changes() {
    const at = performance.now();
    for (const [name, value] of Object.entries(this.unsaved ?? {})) this.sent.push({ name, value, at });
    this.unsaved = {};
  }
  on(event, act) { this.listening.push({ event, act }); }
  off(event, act) { this.listening = this.listening.filter((kept) => kept.event !== event || kept.act !== act); }
  tell(name) { for (const { event, act } of [...this.listening]) if (event === `change:${name}`) act(); }
  push(state) { // as from the kernel: all is set before anyone hears of it
    Object.assign(this.state, state);
    for (const name of Object.keys(state)) this.tell(name);
  }
};
// What a view has put off until the next frame or for a moment; a longer pause is not waited for.
const MOMENT = 200; // ms
const due = new Set();
const defer = (make, drop) => {
  const [start, stop] = [window[make], window[drop]];
  window[make] = (act, delay = 0, ...rest) => {
    const id = start((...given) => { due.delete(key); act(...given); }, delay, ...rest);
    const key = `${make} ${id}`;
    if (delay <= MOMENT) due.add(key);
    return id;
  };
  window[drop] = (id) => { due.delete(`${make} ${id}`); stop(id); };
  return start;
};
const frame = defer("requestAnimationFrame", "cancelAnimationFrame");
defer("setTimeout", "clearTimeout");
window.rest = async () => { // two frames at least: the first tells observers, and what they ask for comes on the next
  for (let frames = 0; frames < 2 || due.size; frames++) {
    if (frames > 2000) throw new Error(`the view never rests: ${[...due]}`);
    await new Promise((done) => frame(done));
  }
};
window.unpack = (text) => JSON.parse(text, (key, value) =>
  value !== null && typeof value === "object" && "base64" in value
    ? new DataView(Uint8Array.from(atob(value.base64), (letter) => letter.charCodeAt(0)).buffer)
    : value);
window.mount = (model, host = document.getElementById("views")) => {
  const el = document.createElement("div");
  host.append(el);
  const end = render({ model, el });
  return () => {
    end();
    if (!el.childNodes.length) el.remove();
  };
};
"""


def module(page) -> None:
    """Show an empty page with the module, its stylesheet and the stub."""
    page.set_default_timeout(30_000)
    page.set_content(SHELL)
    page.add_style_tag(content=CSS)
    page.add_script_tag(content=MODULE + INSIDE + STUB, type="module")
    page.wait_for_function("Boolean(window.mount)")


class View:
    """A widget's state shown in a page; `push` is the kernel's voice, `sent` what the kernel would hear."""

    def __init__(self, page, shown, **changes):
        """Show a live widget, or a state such as `maps` gives, with some traits changed."""
        self.page, self.widget = page, shown
        module(page)
        state = shown if isinstance(shown, dict) else traits(shown)
        page.evaluate(
            "text => { window.model = new StubModel(unpack(text)); window.end = mount(model); }", data(state | changes)
        )
        self.settle()

    def settle(self) -> None:
        """Wait until the view has painted what it knows and sent what it has to say, however busy the machine is."""
        self.page.evaluate("rest()")

    def push(self, **state) -> None:
        """Tell the view what the kernel would tell it."""
        self.page.evaluate("text => model.push(unpack(text))", data(state))
        self.settle()

    def sent(self) -> list[dict]:
        """List what the view has sent, the last word included: name, value and time in ms."""
        self.settle()
        return self.page.evaluate("model.sent")

    def serve(self) -> None:
        """Let the widget answer the last request, as a kernel would."""
        self.widget.asked = self.sent()[-1]["value"]
        self.push(error=self.widget.error, answer=self.widget.answer)

    def text(self, selector: str = ".s2s") -> str:
        """Read what an element shows once the view is at rest."""
        self.settle()
        return self.page.locator(selector).first.inner_text()


def traits(widget) -> dict:
    """Give a widget's traits as a kernel sends them: no answers for a page without one."""
    return {name: value for name, value in widget.state().items() if name != "still"}


def panel(weights, *, name: str = "map", gold=None, **changes) -> dict:
    """Describe a map of any weights, of the words w0, w1, ... and u0, u1, ..., as `CompareAttention` would."""
    weights = np.asarray(weights, "<f4")
    rows, columns = weights.shape
    words = {"src": [f"w{s}" for s in range(columns)], "trg": [f"u{t}" for t in range(rows)]}
    marks = {"unknown": [False] * columns, "copied": [False] * rows, "edited": [], "error_rate": None, "gold": gold}
    shown = {"name": name, "kind": "dot", "text": " ".join(words["trg"]), "entropy": [0.5] * rows}
    return {**shown, **words, **marks, "candidates": [[]] * rows, "weights": weights.tobytes()} | changes


def maps(*panels: dict) -> dict:
    """Give the state of a `CompareAttention` with these panels."""
    return {"view": "compare", "error": "", "panels": list(panels)}


def chance(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    """Draw numbers from 0 to 1."""
    return np.random.default_rng(seed).random((rows, columns), dtype="f4")

// The four widgets in the browser: drawing, keys, and a grid that screen readers can walk.
// No dependency and no build step. A word reaches the page as a text node only, whatever is written in it.

const NOTE = "Attention shows where the decoder looked, not why.";
const COMPACT = 30; // words on one side above which cells shrink and the map scrolls
const NUDGE = 0.05; // what a key adds to a weight
const THROTTLE = 60; // ms between two requests while typing
const PATIENCE = 600; // ms without an answer after which the reader is told so
const STAGE = 1600; // ms that each stage of a step stays when played
const TERMS = 3; // of a long sum that are written out
const SIDE = 300; // px that the list beside a map takes where there is room for both
const GOLD = "#d55e00";

// ColorBrewer's Blues and RdBu, as matplotlib interpolates them.
const BLUES = [
  [247, 251, 255],
  [222, 235, 247],
  [198, 219, 239],
  [158, 202, 225],
  [107, 174, 214],
  [66, 146, 198],
  [33, 113, 181],
  [8, 81, 156],
  [8, 48, 107],
];
const RED_BLUE = [
  [5, 48, 97],
  [33, 102, 172],
  [67, 147, 195],
  [146, 197, 222],
  [209, 229, 240],
  [247, 247, 247],
  [253, 219, 199],
  [244, 165, 130],
  [214, 96, 77],
  [178, 24, 43],
  [103, 0, 31],
];

// ---------------------------------------------------------------------------------------------- small tools

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const range = (count) => Array.from({ length: count }, (_, i) => i);
const sum = (values) => values.reduce((total, value) => total + value, 0);
const count = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;

/** Write a number with two decimals and a true minus sign. */
function fixed(value, digits = 2) {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** Make an element. Strings among the children become text nodes, never markup. */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

function attributed(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** Give an element its children around one that it has. That one keeps the focus: JupyterLab would take it otherwise. */
function surround(parent, children, kept) {
  if (!kept) {
    parent.replaceChildren(...children);
    return;
  }
  for (const child of [...parent.children]) if (child !== kept) child.remove();
  kept.before(...children.slice(0, children.indexOf(kept)));
  kept.after(...children.slice(children.indexOf(kept) + 1));
}

/** A word of any script, isolated from the direction of what stands around it. */
const word = (text) => h("bdi", {}, text);

/** Join elements and strings by a separator. */
const joined = (parts, separator) => parts.flatMap((part, i) => (i ? [separator, part] : [part]));

/** Read "h_t" and "W_{q}" as letters with subscripts. */
function formula(text) {
  const parts = text.split(/_(\{[^}]*\}|[A-Za-z]+)/);
  return h(
    "span",
    { class: "s2s-formula" },
    ...parts.map((part, i) => (i % 2 ? h("sub", {}, part.replace(/[{}]/g, "")) : part)),
  );
}

/** Read little-endian float32 numbers, wherever in a buffer they begin. */
function floats(view) {
  if (!view) return null;
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

/** What has to end with a view: listeners, timers, observers. */
class Life {
  constructor() {
    this.ends = [];
    this.aborter = new AbortController();
  }
  listen(target, type, act, options = {}) {
    target.addEventListener(type, act, { ...options, signal: this.aborter.signal });
  }
  watch(model, name, act) {
    model.on(`change:${name}`, act);
    this.ends.push(() => model.off(`change:${name}`, act));
  }
  end() {
    this.aborter.abort();
    for (const act of this.ends.splice(0)) act();
  }
  /** Act on the next frame, however often it is asked for until then. */
  onFrame(act) {
    let pending = 0;
    this.ends.push(() => cancelAnimationFrame(pending));
    return () => {
      pending ||= requestAnimationFrame(() => {
        pending = 0;
        act();
      });
    };
  }
  /** Act at once, then at most every `ms`; the last call is never lost. */
  throttle(ms, act) {
    let last = -Infinity;
    let timer = 0;
    this.ends.push(() => clearTimeout(timer));
    return () => {
      clearTimeout(timer);
      const go = () => {
        last = performance.now();
        act();
      };
      const wait = last + ms - performance.now();
      if (wait > 0) timer = setTimeout(go, wait);
      else go();
    };
  }
  /** Act once, `ms` after the last call; `cancel` calls it off. */
  later(ms, act) {
    let timer = 0;
    const cancel = () => clearTimeout(timer);
    this.ends.push(cancel);
    const start = (...values) => {
      cancel();
      timer = setTimeout(() => act(...values), ms);
    };
    return { start, cancel };
  }
}

/** A button with its action. */
function button(life, label, act, attributes = {}) {
  const element = h("button", { type: "button", ...attributes }, label);
  life.listen(element, "click", act);
  return element;
}

/** A place for short messages to screen readers. */
function speaker(root) {
  const region = h("div", { class: "s2s-unseen", role: "status", "aria-live": "polite" });
  root.append(region);
  return (text) => {
    region.textContent = text;
  };
}

/** A button that shows and hides a table, which is made only while it is seen. */
function tableToggle(life, make) {
  const place = h("div", {
    class: "s2s-table",
    hidden: true,
    tabindex: 0,
    role: "region",
    "aria-label": "weights as a table",
  });
  const toggle = button(life, "Show as table", () => {
    place.hidden = !place.hidden;
    refresh();
  });
  const refresh = () => {
    toggle.setAttribute("aria-expanded", String(!place.hidden));
    toggle.textContent = place.hidden ? "Show as table" : "Hide the table";
    place.replaceChildren(...(place.hidden ? [] : make()));
  };
  refresh();
  return { toggle, place, refresh };
}

// --------------------------------------------------------------------------------------------------- colours

/** The colour of x in 0..1, in 256 steps. */
function colour(anchors, x) {
  const place = (clamp(Math.floor(x * 256), 0, 255) / 255) * (anchors.length - 1);
  const k = Math.min(Math.floor(place), anchors.length - 2);
  return anchors[k].map((low, i) => Math.floor(low + (place - k) * (anchors[k + 1][i] - low)));
}

/** Black or white, whichever is read better on a colour (WCAG 2, relative luminance). */
function ink(rgb) {
  const [r, g, b] = rgb.map((byte) => {
    const x = byte / 255;
    return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 ? "#fff" : "#000";
}

/** Fit a canvas to a size in CSS pixels, sharp on any screen. */
function sized(canvas, width, height) {
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  return pen;
}

const ruler = document.createElement("canvas").getContext("2d");

/** The width of the widest of some words, in pixels. */
function widest(words, font) {
  ruler.font = font;
  return Math.ceil(Math.max(0, ...words.map((text) => ruler.measureText(text).width)));
}

// --------------------------------------------------------------------------------------------------- the map

/** The words of a trace as they are written beside a map. */
function labels(trace) {
  return {
    src: trace.src.map((text, s) => (trace.unknown[s] ? `${text} → <unk>` : text)),
    trg: trace.trg.map((text, t) => (trace.copied[t] ? `${text}*` : text)),
  };
}

/** A trace with its matrix unpacked, ready for a map. */
function unpacked(trace) {
  return { ...trace, ...labels(trace), words: trace.trg, weights: floats(trace.weights) };
}

/**
 * A heatmap: a canvas, words along two sides, and one tab stop. Inside, the arrow keys move over a grid of cells
 * that is built when it is first entered (ARIA Authoring Practices, grid).
 */
class Heatmap {
  constructor(
    life,
    { label, signed = false, bars = false, onPoint = () => {}, onKey = () => false, onDrag = null, frame, beside = 0 },
  ) {
    Object.assign(this, { label, signed, barred: bars, onPoint, onKey, onDrag });
    this.beside = beside; // px that something beside the map would like
    this.selected = { t: 0, s: 0 };
    this.hover = null;
    this.data = null;
    this.full = false;
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.cursor = h("div", { class: "s2s-cursor", "aria-hidden": "true" });
    this.grid = h("div", { class: "s2s-grid", role: "grid", "aria-label": label });
    this.body = h("div", { class: "s2s-body" }, this.canvas, this.cursor, this.grid);
    this.cols = h("div", { class: "s2s-cols", "aria-hidden": "true" });
    this.rows = h("div", { class: "s2s-rows", "aria-hidden": "true" });
    this.bars = h("div", { class: "s2s-bars", "aria-hidden": "true" });
    const plane = h("div", { class: "s2s-plane" }, h("div", { class: "s2s-corner" }), this.cols, this.rows, this.body);
    this.barsOf = h("div", { class: "s2s-corner s2s-low", "aria-hidden": "true" });
    if (bars) plane.append(this.barsOf, this.bars);
    this.el = h("div", { class: "s2s-map" }, plane);
    this.frame = frame ?? this.el; // whose width there is to share
    this.attend(life);
  }

  attend(life) {
    life.listen(this.body, "pointermove", (event) => this.point(this.cellAt(event)));
    life.listen(this.body, "pointerleave", () => this.point(null));
    life.listen(this.body, "click", (event) => this.select(this.cellAt(event), true));
    life.listen(this.grid, "focusin", (event) => {
      if (!this.full) this.build(true);
      if (!this.grid.contains(event.relatedTarget)) this.show(this.selected);
    });
    life.listen(this.grid, "keydown", (event) => this.key(event));
    for (const type of ["pointerdown", "pointermove"]) life.listen(this.bars, type, (event) => this.drag(event));
    const observer = new ResizeObserver(() => {
      if (this.data && this.frame.clientWidth !== this.size.room) this.place();
    });
    observer.observe(this.frame);
    life.ends.push(() => observer.disconnect());
  }

  /** Draw `data`: src, trg (words), weights (T x S), gold ([s, t] pairs or null). */
  paint(data) {
    this.data = data;
    this.selected.t = clamp(this.selected.t, 0, data.trg.length - 1);
    this.selected.s = clamp(this.selected.s, 0, data.src.length - 1);
    this.hover = null;
    this.place();
  }

  place() {
    this.layout();
    this.draw();
    this.write();
    this.build(this.full && this.grid.matches(":focus-within"));
    this.mark();
  }

  layout() {
    const { src, trg } = this.data;
    const compact = Math.max(src.length, trg.length) > COMPACT;
    const font = `${compact ? 11 : 13}px ${getComputedStyle(this.el).fontFamily}`;
    const measured = this.frame.clientWidth;
    const room = measured || 640;
    const top = Math.min(widest(src, font) + 4, 150);
    const left = Math.min(widest(trg, font) + 16, Math.max(72, 0.35 * room), 180);
    const [least, most] = compact ? [14, 18] : [24, src.length <= 8 ? 64 : 46];
    const fit = (pixels) => Math.floor((pixels - left - (compact ? 8 : 0.71 * top)) / src.length);
    const shared = fit(room - this.beside);
    const width = clamp(shared >= least ? shared : fit(room), least, most);
    const angle = compact ? 90 : top <= width - 2 ? 0 : 45;
    const head = { 0: 24, 45: Math.ceil(0.71 * (top + 16)) + 4, 90: top + 8 }[angle];
    this.size = { width, height: compact ? 16 : trg.length > 12 ? 22 : 28, left, head, angle, compact, room: measured };
    const style = { width, row: this.size.height, left, head, over: angle === 45 ? Math.ceil(0.71 * top) : 0 };
    for (const [name, value] of Object.entries(style)) this.el.style.setProperty(`--${name}`, `${value}px`);
    this.el.classList.toggle("s2s-compact", compact);
    this.cols.dataset.angle = angle;
  }

  draw() {
    const { src, trg, weights, gold } = this.data;
    const { width, height, compact } = this.size;
    const pen = sized(this.canvas, src.length * width, trg.length * height);
    const gap = compact ? 0.5 : 1;
    pen.fillStyle = "#ddd";
    pen.fillRect(0, 0, src.length * width, trg.length * height);
    pen.font = `11px ${getComputedStyle(this.el).fontFamily}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    const numbers = !compact && width >= 30;
    for (let t = 0, i = 0; t < trg.length; t++) {
      for (let s = 0; s < src.length; s++, i++) {
        const rgb = this.signed ? colour(RED_BLUE, (weights[i] + 1) / 2) : colour(BLUES, weights[i]);
        pen.fillStyle = `rgb(${rgb})`;
        pen.fillRect(s * width, t * height, width - gap, height - gap);
        if (numbers && Math.abs(weights[i]) >= 0.005) {
          pen.fillStyle = ink(rgb);
          pen.fillText(this.number(weights[i]), (s + 0.5) * width - gap, (t + 0.5) * height);
        }
      }
    }
    pen.strokeStyle = GOLD;
    pen.lineWidth = 2;
    for (const [s, t] of gold ?? []) pen.strokeRect(s * width + 1, t * height + 1, width - 3, height - 3);
  }

  number(value) {
    return this.signed && value >= 0.005 ? `+${fixed(value)}` : fixed(value);
  }

  /** Put the words beside the map. */
  write() {
    const fill = (host, words) => {
      while (host.childElementCount < words.length) host.append(h("span", {}, word("")));
      while (host.childElementCount > words.length) host.lastElementChild.remove();
      words.forEach((text, i) => {
        const label = host.children[i];
        if (label.firstChild.textContent !== text) label.firstChild.textContent = text;
        label.style.setProperty("--at", i);
      });
    };
    fill(this.cols, this.data.src);
    fill(this.rows, this.data.trg);
    if (this.barred) this.fillBars();
  }

  fillBars() {
    const { src, weights } = this.data;
    const { t } = this.current();
    this.barsOf.textContent = `step ${t + 1}`;
    while (this.bars.childElementCount < src.length) this.bars.append(h("span", {}, h("i"), h("b")));
    while (this.bars.childElementCount > src.length) this.bars.lastElementChild.remove();
    src.forEach((_, s) => {
      const [fill, value] = this.bars.children[s].children;
      const weight = weights[t * src.length + s];
      fill.style.height = `${100 * weight}%`;
      value.textContent = this.size.width >= 30 ? fixed(weight) : "";
    });
  }

  name(t, s) {
    const { src, trg, weights, gold, edited } = this.data;
    const truth = gold?.some(([a, b]) => a === s && b === t) ? ", in the true alignment" : "";
    const hand = edited?.includes(t) ? ", set by hand" : "";
    const verb = this.signed ? "and" : "attends to";
    return `step ${t + 1}, ${trg[t]}, ${verb} ${src[s]}, ${this.number(weights[t * src.length + s])}${truth}${hand}`;
  }

  /** Build the grid: all of it once it has been entered, before that the one cell that Tab leads to. */
  build(full) {
    const { src, trg } = this.data;
    const held = this.grid.querySelector(":focus"); // stays, and becomes the selected cell
    const shape = full ? `${trg.length} ${src.length}` : "";
    this.full = full;
    this.grid.setAttribute("aria-rowcount", trg.length);
    this.grid.setAttribute("aria-colcount", src.length);
    if (!full || this.grid.dataset.shape !== shape) {
      const { t: here, s: there } = this.selected;
      const rows = (full ? range(trg.length) : [here]).map((t) => {
        const keeps = held && t === here;
        const row = keeps ? held.parentNode : h("div", { role: "row" });
        const cells = (full ? range(src.length) : [there]).map((s) => {
          const cell = keeps && s === there ? held : h("div", { role: "gridcell", tabindex: -1 });
          return attributed(cell, { "aria-colindex": s + 1, "data-t": t, "data-s": s });
        });
        surround(row, cells, keeps ? held : null);
        return attributed(row, { "aria-rowindex": t + 1, style: `--t: ${t}; --s: ${full ? 0 : there}` });
      });
      surround(this.grid, rows, held?.parentNode);
      this.grid.dataset.shape = shape;
    }
    for (const cell of this.grid.querySelectorAll("[role=gridcell]")) {
      cell.setAttribute("aria-label", this.name(Number(cell.dataset.t), Number(cell.dataset.s)));
    }
    this.rove();
  }

  cell() {
    const { t, s } = this.selected;
    return this.full ? this.grid.children[t].children[s] : this.grid.querySelector("[role=gridcell]");
  }

  /** Make the selected cell the one that Tab leads to. */
  rove() {
    this.grid.querySelector("[tabindex='0']")?.setAttribute("tabindex", -1);
    const cell = this.cell();
    cell.setAttribute("tabindex", 0);
    const { t, s } = this.selected;
    cell.setAttribute("aria-label", this.name(t, s));
  }

  current() {
    return this.hover ?? this.selected;
  }

  cellAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const s = Math.floor((event.clientX - box.left) / this.size.width);
    const t = Math.floor((event.clientY - box.top) / this.size.height);
    const inside = this.data && s >= 0 && t >= 0 && s < this.data.src.length && t < this.data.trg.length;
    return inside ? { t, s } : null;
  }

  /** Look at a cell for as long as the pointer is on it. */
  point(cell) {
    if (cell?.t === this.hover?.t && cell?.s === this.hover?.s) return;
    this.show(cell);
  }

  /** Choose a cell; it stays chosen when the pointer leaves. */
  select(cell, focus = false) {
    if (!cell || !this.data) return;
    this.selected = cell;
    if (this.full) this.rove();
    else this.build(focus);
    if (focus) this.cell().focus();
    this.show(cell);
  }

  /** Lead the reader's eye to a cell, and tell the rest of the view. */
  show(cell) {
    this.hover = cell === this.selected ? null : cell;
    this.mark();
    this.onPoint(this.current());
  }

  /** Show where the cursor is: a frame on the map, the two words, the bars of the row. */
  mark() {
    if (!this.data) return;
    const { t, s } = this.current();
    this.cursor.style.setProperty("--t", t);
    this.cursor.style.setProperty("--s", s);
    [...this.cols.children].forEach((label, i) => label.classList.toggle("s2s-on", i === s));
    [...this.rows.children].forEach((label, i) => label.classList.toggle("s2s-on", i === t));
    if (this.barred) this.fillBars();
  }

  key(event) {
    const { t, s } = this.selected;
    const [T, S] = [this.data.trg.length, this.data.src.length];
    const far = event.ctrlKey || event.metaKey;
    if (event.altKey || (far && event.key !== "Home" && event.key !== "End")) return; // reload, zoom, back: not ours
    const moves = {
      ArrowLeft: { t, s: s - 1 },
      ArrowRight: { t, s: s + 1 },
      ArrowUp: { t: t - 1, s },
      ArrowDown: { t: t + 1, s },
      Home: { t: far ? 0 : t, s: 0 },
      End: { t: far ? T - 1 : t, s: S - 1 },
      PageUp: { t: t - 5, s },
      PageDown: { t: t + 5, s },
    };
    const to = event.shiftKey ? undefined : moves[event.key];
    if (!to && !this.onKey(event, t, s)) return;
    event.preventDefault();
    event.stopPropagation();
    if (to) this.select({ t: clamp(to.t, 0, T - 1), s: clamp(to.s, 0, S - 1) }, true);
  }

  /** Set a weight by dragging its bar. */
  drag(event) {
    const bar = event.type === "pointerdown" ? event.target.closest(".s2s-bars > span") : this.dragged;
    if (!bar || !this.onDrag || (event.type === "pointermove" && !event.buttons)) {
      this.dragged = null;
      return;
    }
    if (event.type === "pointerdown") {
      this.dragged = bar;
      this.bars.setPointerCapture(event.pointerId);
      event.preventDefault();
    }
    const box = bar.getBoundingClientRect();
    this.onDrag([...this.bars.children].indexOf(bar), clamp((box.bottom - event.clientY) / box.height, 0, 1));
  }
}

/** A matrix of weights as an ordinary table; the true alignment stands in brackets. */
function weightTable({ src, trg, weights, gold }, caption) {
  const frame = (text, s, t) => (gold?.some(([a, b]) => a === s && b === t) ? `[${text}]` : text);
  const head = h("tr", {}, h("td"), ...src.map((text) => h("th", { scope: "col" }, word(text))));
  const rows = trg.map((text, t) => {
    const cells = src.map((_, s) => h("td", {}, frame(fixed(weights[t * src.length + s]), s, t)));
    return h("tr", {}, h("th", { scope: "row" }, word(text)), ...cells);
  });
  const truth = gold?.length ? " ([ ]: the true alignment)" : "";
  return h("table", {}, h("caption", {}, caption, truth), h("thead", {}, head), h("tbody", {}, ...rows));
}

// ------------------------------------------------------------------------------------- AttentionExplorer

/** Which words of `now` are not in the longest common subsequence with `before`. */
function changed(before, now) {
  const longest = Array.from({ length: before.length + 1 }, () => new Array(now.length + 1).fill(0));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      const same = before[i] === now[j];
      longest[i][j] = same ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1]);
    }
  }
  const marks = now.map(() => true);
  for (let i = 0, j = 0; i < before.length && j < now.length;) {
    if (before[i] === now[j]) [marks[j], i, j] = [false, i + 1, j + 1];
    else if (longest[i + 1][j] >= longest[i][j + 1]) i++;
    else j++;
  }
  return marks;
}

/** A row of weights in which one is set; the others share the rest as they did before. */
function renormalised(row, s, weight) {
  const rest = 1 - row[s];
  const others = row.length - 1;
  if (!others) return [1];
  return row.map((w, i) => (i === s ? weight : (1 - weight) * (rest > 1e-6 ? w / rest : 1 / others)));
}

function explorer({ model, root, life }) {
  const still = model.get("still"); // answers that a page without a kernel brings along
  const field = h("input", {
    type: "text",
    class: "s2s-field",
    value: model.get("asked").text,
    spellcheck: "false",
    autocomplete: "off",
    dir: "auto",
  });
  const source = h("label", { class: "s2s-source" }, "source sentence", field);
  const names = model.get("models");
  const radio = `s2s-${Math.random().toString(36).slice(2)}`; // radio buttons of one view belong together
  const radios = names.map((name) =>
    h("input", { type: "radio", name: radio, value: name, checked: name === model.get("asked").model }),
  );
  const choice = h("fieldset", { hidden: names.length < 2 }, h("legend", {}, "model"));
  choice.append(...names.map((name, i) => h("label", {}, radios[i], name)));
  const output = h("p", { class: "s2s-output" });
  const remarks = h("ul", { class: "s2s-remarks" });
  const place = h("div", { class: "s2s-place" });
  const side = h("div", { class: "s2s-side" });
  const two = h("div", { class: "s2s-two" });
  const map = new Heatmap(life, {
    label: "attention weights: output words as rows, source words as columns",
    bars: true,
    frame: two,
    beside: SIDE,
    onPoint: () => detail(),
    onKey: (event, t, s) => edit(event, t, s),
    onDrag: still ? null : (s, weight) => setWeight(map.selected.t, s, weight),
  });
  const say = speaker(root);
  const table = tableToggle(life, () => (map.data ? [weightTable(map.data, shown.trace.text)] : []));
  const slider = h("input", { type: "range", min: 0, max: 1, step: 0.01 });
  const amount = h("span"); // no <output>: that would speak at every move
  const of = word("");
  const where = h("span");
  const only = button(life, "only this word", () => setRow(onlyThis()));
  const uniform = button(life, "uniform", () => setRow(alike()));
  const reset = button(life, "reset all", () => setEdits({}));
  const editing = h("div", { class: "s2s-editing", hidden: true });
  editing.append(h("label", {}, "weight of ", of, where, " ", slider), amount, only, uniform, reset);
  const keys = "Arrows move, + and − change the weight, o: only this word, u: uniform, r: reset all.";
  const help = h(
    "p",
    { class: "s2s-help" },
    still ? "Arrows move. Typing and changing weights need a running notebook." : `In the map: ${keys}`,
  );
  two.append(place, side);
  root.append(
    source,
    choice,
    output,
    remarks,
    two,
    editing,
    table.toggle,
    table.place,
    help,
    h("p", { class: "s2s-note" }, NOTE),
  );
  if (still) field.readOnly = true;

  let shown = null; // the answer on the screen
  let newest = -1; // its number
  let untouched = null; // the words without any edit, to tell what an edit changed
  let last = model.get("asked").n; // the number of the last request
  let edits = model.get("asked").edits;
  let image = null; // the address of a still picture
  const waits = h(
    "li",
    {},
    "No answer yet: the kernel is busy, or it was restarted. After a restart run this cell again.",
  );
  const busy = life.later(PATIENCE, () => {
    remarks.append(waits);
    say(waits.textContent);
  });
  const announce = life.later(1000, (text) => say(text));
  life.ends.push(() => URL.revokeObjectURL(image));

  const chosen = () => radios.find((input) => input.checked)?.value ?? names[0];
  const ask = life.throttle(THROTTLE, () => {
    if (still) {
      if (still[chosen()]) model.set("answer", still[chosen()]);
      return;
    }
    last = Math.max(last, model.get("asked").n) + 1;
    const text = field.value.toWellFormed?.() ?? field.value; // half a character can't be sent
    model.set("asked", { n: last, text, model: chosen(), edits });
    model.save_changes();
    busy.start();
  });

  /** Take an answer in, unless a later one is on the screen already. */
  function receive() {
    const answer = model.get("answer");
    if (!still && answer.n < newest) return;
    newest = answer.n;
    if (newest >= last) busy.cancel();
    if (answer.trace) shown = answer;
    repaint();
  }

  const repaint = life.onFrame(() => {
    if (shown) paint();
    root.dataset.painted = newest;
  });

  function paint() {
    const trace = shown.picture || !shown.trace.weights ? shown.trace : unpacked(shown.trace);
    const words = trace.trg ?? [];
    if (!trace.edited?.length) untouched = { words, text: trace.text };
    const marks = trace.edited?.length && untouched ? changed(untouched.words, words) : words.map(() => false);
    output.replaceChildren("→ ", h("strong", {}, word(trace.text)));
    remarks.replaceChildren(...notes(trace, marks));
    side.hidden = table.toggle.hidden = !trace.weights || !trace.src.length;
    editing.hidden = Boolean(still) || side.hidden;
    if (shown.picture) {
      URL.revokeObjectURL(image);
      image = URL.createObjectURL(new Blob([shown.picture], { type: "image/png" }));
      place.replaceChildren(
        h(
          "div",
          { class: "s2s-picture", tabindex: 0, role: "region", "aria-label": "still picture" },
          h("img", { src: image, alt: `Attention heatmap of ${count(trace.words, "word")}: ${trace.text}` }),
        ),
      );
    } else if (side.hidden) {
      place.replaceChildren();
      map.data = null;
    } else {
      if (map.el.parentNode !== place) place.replaceChildren(map.el);
      const trg = trace.trg.map((text, t) => `${trace.edited.includes(t) ? "✎ " : ""}${marks[t] ? "≠ " : ""}${text}`);
      map.paint({ ...trace, trg });
      detail();
    }
    table.refresh();
    reset.disabled = !Object.keys(edits).length;
    if (last) announce.start(`Translation: ${trace.text}`); // not before the reader has asked for one
  }

  function notes(trace, marks) {
    const found = [];
    const note = (...parts) => found.push(h("li", {}, ...parts));
    if (trace.src && !trace.src.length) note("Type a sentence.");
    const unknown = new Set(shown.trace.src?.filter((_, s) => trace.unknown[s]));
    if (unknown.size) note("Never seen by this translator, so read as <unk>: ", ...joined([...unknown].map(word), ", "), ".");
    const dropped = [...new Set(trace.dropped)];
    if (dropped.length) {
      const [were, them] = dropped.length > 1 ? ["were", "them"] : ["was", "it"];
      const signs = dropped.flatMap((sign, i) => [i ? ", “" : "“", word(sign), "”"]);
      note(...signs, ` ${were} left out: this translator has never seen ${them}.`);
    }
    if (trace.copied?.some(Boolean)) note("* was carried over from the source word looked at most.");
    if (trace.src?.length && trace.words && trace.words.at(-1) !== "<eos>")
      note("Cut off: no <eos> came before the length limit.");
    if (!trace.weights && trace.src?.length) note("This model has no attention: there is nothing to draw.");
    if (trace.gold?.length) note("Orange frames: the true alignment.");
    if (trace.edited?.length && untouched) {
      const steps = trace.edited.map((t) => t + 1).join(", ");
      const same = untouched.words.join("\u0000") === trace.trg.join("\u0000");
      const effect = same ? "nothing changed" : marks.some(Boolean) ? "≠ marks what changed" : "words are gone";
      note(`✎ set by hand: step ${steps}. Without that: `, word(untouched.text), ` (${effect})`);
    }
    if (shown.picture) note("More words, read or written, than fit a live map: a still picture.");
    return found;
  }

  /** A candidate; the one that was written stands out. */
  const written = (text, t) => (text === map.data.words[t] ? h("b", {}, word(text)) : word(text));

  /** Say what happened in the row under the cursor. */
  function detail() {
    if (!map.data) return;
    const { words, src, weights, candidates, entropy } = map.data;
    const { t } = map.current();
    const list = candidates[t].map(([text, p]) => h("li", {}, bar(p), written(text, t), ` ${fixed(p)}`));
    side.replaceChildren(
      h("p", { class: "s2s-title" }, `Step ${t + 1}: `, word(words[t])),
      h(
        "p",
        {},
        `looks at about ${fixed(Math.exp(entropy[t]), 1)} words (entropy ${fixed(entropy[t])} nats). Likeliest words here:`,
      ),
      h("ol", {}, ...list),
    );
    const at = map.selected;
    const weight = weights[at.t * src.length + at.s];
    of.textContent = src[at.s];
    where.textContent = ` in step ${at.t + 1}`;
    slider.value = weight;
    amount.textContent = fixed(weight);
  }

  // What has been asked counts, not what is drawn: an answer to an earlier request may have been painted since.
  const row = (t) => [...(edits[t] ?? map.data.weights.slice(t * map.data.src.length, (t + 1) * map.data.src.length))];
  const onlyThis = () => map.data.src.map((_, s) => (s === map.selected.s ? 1 : 0));
  const alike = () => map.data.src.map(() => 1 / map.data.src.length);
  const setRow = (weights) => setEdits({ ...edits, [map.selected.t]: weights });

  function setWeight(t, s, weight) {
    map.selected = { t, s };
    setRow(renormalised(row(t), s, weight));
  }

  function setEdits(next) {
    if (still || field.value !== shown?.text || chosen() !== shown.model) return; // the map is of an older sentence
    edits = next;
    const { t } = map.selected;
    if (edits[t] && map.data) {
      map.data.weights.set(edits[t], t * map.data.src.length); // seen at once; the answer confirms it
      map.place();
      detail();
    }
    ask();
  }

  /** What the keys mean in a cell; false for those that mean nothing. */
  function edit(event, t, s) {
    if (still) return false;
    const up = event.key === "+" || event.key === "=" || (event.shiftKey && event.key === "ArrowUp");
    const down = event.key === "-" || event.key === "−" || (event.shiftKey && event.key === "ArrowDown");
    if (up || down) setWeight(t, s, clamp(row(t)[s] + (up ? NUDGE : -NUDGE), 0, 1));
    else if (event.key === "o") setRow(onlyThis());
    else if (event.key === "u") setRow(alike());
    else if (event.key === "r") setEdits({});
    else return false;
    return true;
  }

  const anew = () => {
    edits = {};
    ask();
  };
  life.listen(field, "input", anew);
  for (const input of radios) life.listen(input, "change", anew);
  life.listen(slider, "input", () => setWeight(map.selected.t, map.selected.s, Number(slider.value)));
  life.watch(model, "answer", receive);
  life.watch(model, "asked", () => {
    const asked = model.get("asked"); // another view of the same widget may have asked
    if (asked.n > last) [last, edits] = [asked.n, asked.edits];
    if (document.activeElement !== field) field.value = asked.text;
    for (const input of radios) input.checked = input.value === asked.model;
  });
  receive();
}

/** A bar as long as a share, for the eye only. */
const bar = (share) => h("span", { class: "s2s-share", "aria-hidden": "true", style: `--share: ${share}` });

// -------------------------------------------------------------------------------------------- StepThrough

/** The largest terms of a sum written out, and what the others add up to. */
function spelled(terms) {
  const order = range(terms.length).sort((a, b) => Math.abs(terms[b].value) - Math.abs(terms[a].value));
  const first = order.slice(0, TERMS);
  const total = sum(terms.map((term) => term.value));
  const rest = total - sum(first.map((i) => terms[i].value));
  const parts = joined(
    first.map((i) => h("span", {}, ...terms[i].parts)),
    " + ",
  );
  const more = terms.length - first.length;
  if (more > 0) parts.push(` + ${signed(rest)} `, h("small", {}, `(the other ${more})`));
  return [...parts, ` = `, h("b", {}, fixed(total))];
}

const signed = (value) => (value < 0 && fixed(value) !== fixed(0) ? `(${fixed(value)})` : fixed(value));

/** A vector as a strip of colours. */
function strip(name, vector) {
  const largest = Math.max(...vector.map(Math.abs), 1e-9);
  const canvas = h("canvas", { class: "s2s-strip", role: "img" });
  canvas.setAttribute(
    "aria-label",
    `${name}: ${vector.length} numbers from ${fixed(Math.min(...vector))} to ${fixed(Math.max(...vector))}`,
  );
  const pen = sized(canvas, vector.length, 1);
  vector.forEach((value, i) => {
    pen.fillStyle = `rgb(${colour(RED_BLUE, (value / largest + 1) / 2)})`;
    pen.fillRect(i, 0, 1, 1);
  });
  canvas.removeAttribute("style");
  const begin = [...vector.slice(0, 4)].map((value) => fixed(value)).join(", ");
  return [
    h(
      "p",
      {},
      formula(`${name} = (`),
      `${begin}, …)`,
      h("small", {}, `  ${vector.length} numbers; red above 0, blue below`),
    ),
    canvas,
  ];
}

function steps({ model, root, life }) {
  const trace = unpacked(model.get("trace"));
  const [H, stages] = [trace.size, trace.stages];
  const vectors = Object.fromEntries(
    ["states", "hidden", "queries", "scores", "contexts", "left", "right", "v"].map((name) => [
      name,
      floats(model.get("trace")[name]),
    ]),
  );
  const at = (name, i, width = H) => vectors[name].subarray(i * width, (i + 1) * width);
  const [T, S] = [trace.trg.length, trace.src.length];
  const last = stages.length - 1;
  const reached = (name) => stage >= stages.indexOf(name);
  let [t, stage, s] = [0, 0, 0];
  const picked = {}; // step -> the word that the student predicted

  const go = (to) => {
    const place = clamp(to, 0, T * stages.length - 1);
    [t, stage] = [Math.floor(place / stages.length), place % stages.length];
    s = looked(t);
    paint();
    return place === to;
  };
  const here = () => t * stages.length + stage;
  const weights = (step) => trace.weights?.subarray(step * S, (step + 1) * S);
  const looked = (step) => (trace.weights ? weights(step).indexOf(Math.max(...weights(step))) : 0);

  const play = button(life, "▶ Play", () => run(!playing));
  const previous = button(life, "◀ Previous", () => move(-1));
  const next = button(life, "Next ▶", () => move(1));
  const select = h("select");
  const predict = h("input", { type: "checkbox" });
  const controls = h(
    "div",
    { class: "s2s-bar" },
    previous,
    play,
    next,
    h("label", {}, "step ", select),
    h("label", {}, predict, "predict first"),
  );
  const written = h("p", { class: "s2s-output" });
  const list = h("ol", { class: "s2s-stages" });
  const say = speaker(root);
  const table = tableToggle(life, () => [
    weightTable({ ...trace, trg: trace.trg.map(shownWord) }, `weights of ${count(T, "step")}`),
  ]);
  root.append(controls, written, list);
  if (trace.weights) root.append(table.toggle, table.place);
  root.append(h("p", { class: "s2s-note" }, NOTE));

  let playing = false;
  const tick = life.later(STAGE, () => {
    if (waiting() || !go(here() + 1)) run(false);
    else if (playing) tick.start();
  });
  function run(on) {
    playing = on;
    play.textContent = on ? "❚❚ Pause" : "▶ Play";
    if (on && here() === T * stages.length - 1) go(0);
    if (on) tick.start();
    else tick.cancel();
  }
  function move(by) {
    run(false);
    go(here() + by);
    say(`step ${t + 1} of ${T}, ${stages[stage]}`);
  }
  const waiting = () => predict.checked && stage === last && !(t in picked);
  const known = (step) => !predict.checked || step < t || (step === t && stage === last && step in picked);
  const shownWord = (text, step) => (known(step) ? text : "?");

  function paint() {
    root.dataset.painted = here();
    previous.disabled = here() === 0;
    next.disabled = here() === T * stages.length - 1;
    const option = (text, step) => h("option", { value: step }, `${step + 1} of ${T}: ${shownWord(text, step)}`);
    select.replaceChildren(...trace.trg.map(option));
    select.value = t;
    table.refresh();
    const done = trace.trg.slice(0, t).map((text) => word(text));
    written.replaceChildren("written so far: ", ...(done.length ? joined(done, " ") : ["(nothing)"]));
    const parts = { state, scores, softmax, context, "next word": candidates };
    list.replaceChildren(
      ...stages.map((name, i) =>
        h(
          "li",
          { class: i === stage ? "s2s-now" : "", "aria-current": i === stage ? "step" : null },
          h("p", { class: "s2s-title" }, name),
          ...(i <= stage ? parts[name]() : []),
        ),
      ),
    );
  }

  function state() {
    const read = t ? ["the word before, ", word(trace.trg[t - 1])] : ["the mark of the beginning, ", word("<sos>")];
    const found = trace.attends_first ? [", together with ", formula("c_t")] : [];
    return [
      h("p", {}, "The decoder reads ", ...read, ...found, ", and its state becomes"),
      ...strip("h_t", at("hidden", t)),
    ];
  }

  function scores() {
    if (!vectors.scores) return [h("p", {}, "This model has no attention: it never looks back at the source.")];
    const row = at("scores", t, S);
    const asked = trace.attends_first
      ? [h("p", {}, "The decoder asks with the state of the step before:"), ...strip(trace.query, at("queries", t))]
      : [];
    const cells = trace.src.map((label, i) => {
      const pick = h(
        "button",
        { type: "button", "data-pick": i, "aria-pressed": String(i === s), class: "s2s-word" },
        word(label),
      );
      return h(
        "tr",
        { class: i === s ? "s2s-on" : "" },
        h("th", { scope: "row" }, pick),
        h("td", {}, fixed(row[i])),
        ...after(i),
      );
    });
    const heads = [
      "source word",
      formula("score e_ts"),
      ...(reached("softmax") ? [formula("exp(e_ts − max)"), formula("weight a_ts"), ""] : []),
    ];
    const head = h("tr", {}, ...heads.map((part) => (part === "" ? h("td") : h("th", { scope: "col" }, part))));
    const numbers = h(
      "table",
      { class: "s2s-numbers" },
      h("caption", { class: "s2s-unseen" }, `scores of step ${t + 1}`),
      h("thead", {}, head),
      h("tbody", {}, ...cells, ...foot()),
    );
    return [
      ...asked,
      h("p", {}, formula(trace.formula), h("small", {}, " ", formula(trace.about))),
      h("div", { class: "s2s-scroll" }, numbers),
      ...spelledScore(),
    ];
  }

  function after(i) {
    if (!reached("softmax")) return [];
    const row = at("scores", t, S);
    const weight = weights(t)[i];
    return [
      h("td", {}, fixed(Math.exp(row[i] - Math.max(...row)))),
      h("td", {}, h("b", {}, fixed(weight))),
      h("td", {}, bar(weight)),
    ];
  }

  function foot() {
    if (!reached("softmax")) return [];
    const row = at("scores", t, S);
    const total = sum([...row].map((score) => Math.exp(score - Math.max(...row))));
    return [
      h(
        "tr",
        { class: "s2s-sum" },
        h("th", { scope: "row" }, "sum"),
        h("td"),
        h("td", {}, fixed(total)),
        h("td", {}, fixed(sum([...weights(t)]))),
        h("td"),
      ),
    ];
  }

  /** Spell out the score of another word. */
  function choose(i) {
    s = i;
    paint();
    list.querySelector(`[data-pick="${i}"]`).focus();
  }

  /** The chosen word's score as the sum that it is. */
  function spelledScore() {
    if (!vectors.left) return [];
    const [left, right] = [at("left", t, trace.terms), at("right", s, trace.terms)];
    const terms = range(trace.terms).map((i) =>
      vectors.v
        ? {
            value: vectors.v[i] * Math.tanh(left[i] + right[i]),
            parts: [`${signed(vectors.v[i])}·tanh(${fixed(left[i])} + ${signed(right[i])})`],
          }
        : { value: left[i] * right[i], parts: [`${signed(left[i])}·${signed(right[i])}`] },
    );
    return [
      h(
        "p",
        { class: "s2s-sum-line" },
        "For ",
        h("b", {}, word(trace.src[s])),
        ": ",
        formula("e_ts = "),
        ...spelled(terms),
      ),
    ];
  }

  function softmax() {
    if (!vectors.scores) return [];
    const hand = trace.edited.includes(t)
      ? " This row was set by hand, so its weights are not the softmax of its scores."
      : "";
    return [
      h(
        "p",
        {},
        formula("a_ts = exp(e_ts) / Σ_{s′} exp(e_{ts′})"),
        ` The two new columns: each exp divided by their sum.${hand}`,
      ),
    ];
  }

  function context() {
    if (!vectors.contexts) return [];
    const c = at("contexts", t);
    const i = c.indexOf(c.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0));
    const terms = trace.src.map((label, j) => ({
      value: weights(t)[j] * vectors.states[j * H + i],
      parts: [`${fixed(weights(t)[j])}·${signed(vectors.states[j * H + i])} `, h("small", {}, "(", word(label), ")")],
    }));
    return [
      h("p", {}, formula("c_t = Σ_s a_ts h̄_s"), " The encoder's states, mixed by the weights:"),
      ...strip("c_t", c),
      h("p", { class: "s2s-sum-line" }, `Its number ${i + 1}, the largest: `, ...spelled(terms)),
    ];
  }

  function candidates() {
    const seen = vectors.contexts ? "[c_t; h_t]" : "h_t";
    const intro = h(
      "p",
      {},
      "From ",
      formula(seen),
      " the output layer gives every word of the vocabulary a probability. ",
    );
    if (waiting()) {
      intro.append("Which word comes next?");
      return [intro, quiz()];
    }
    const rows = trace.candidates[t].map(([text, p]) => {
      const written = text === said() ? h("b", {}, word(text), " ✓") : word(text);
      return h("li", {}, bar(p), written, ` ${fixed(p)}`);
    });
    const carried = trace.copied[t]
      ? [h("p", {}, "* <unk> is replaced by the source word looked at most: ", word(trace.words[t]), ".")]
      : [];
    return [intro, h("ol", { class: "s2s-candidates" }, ...rows), ...carried, ...verdict()];
  }

  function verdict() {
    const guess = picked[t];
    if (guess === undefined || !predict.checked) return [];
    if (guess === said()) return [h("p", {}, "✓ You said so.")];
    return [h("p", {}, "✗ You said ", word(guess), "; it writes ", word(trace.trg[t]), ".")];
  }

  /** The candidate that was written; a word carried over from the source stands for <unk>. */
  function said() {
    const text = trace.copied[t] ? "<unk>" : trace.words[t];
    const small = text.toLowerCase(); // as the vocabulary has it, where a given output is written otherwise
    return trace.candidates[t].some(([known]) => known === small) ? small : text;
  }

  function quiz() {
    const words = trace.candidates[t].map(([text]) => text);
    if (!words.includes(said())) words.push(said());
    const choices = words.sort().map((text) => h("button", { type: "button", "data-guess": text }, word(text)));
    return h("div", { class: "s2s-bar", role: "group", "aria-label": "which word comes next?" }, ...choices);
  }

  /** Take in what the student predicts, and show what came. */
  function answer(text) {
    picked[t] = text;
    paint();
    say(text === said() ? "right" : `it writes ${trace.trg[t]}`);
    (next.disabled ? previous : next).focus();
  }

  life.listen(select, "change", () => {
    run(false);
    go(Number(select.value) * stages.length);
  });
  life.listen(predict, "change", paint);
  life.listen(list, "click", (event) => {
    const { pick, guess } = event.target.closest("button")?.dataset ?? {};
    if (pick !== undefined) choose(Number(pick));
    if (guess !== undefined) answer(guess);
  });
  go(0);
}

// ---------------------------------------------------------------------------------------- TrainingMonitor

const STATES = {
  waiting: "not trained yet",
  training: "training",
  finished: "finished",
  early: "ended early: no progress any more",
  interrupted: "stopped",
  failed: "ended by an error, see below the cell",
};

/** Seconds as a person says them. */
function duration(seconds) {
  if (seconds < 90) return count(Math.max(1, Math.round(seconds)), "second");
  return count(Math.round(seconds / 60), "minute");
}

/** The next of …, 0.1, 0.2, 0.5, 1, 2, 5, 10, … */
function roundStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * [1, 2, 5, 10].find((digit) => digit * power >= least * 0.999);
}

/** An element of an SVG picture. */
function drawn(tag, attributes, text = "") {
  const element = attributed(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes);
  element.textContent = text;
  return element;
}

/** Draw the loss of each step as a line, the validation loss of each epoch as points. Its colours are the theme's. */
function drawLoss(chart, frame, width) {
  const [left, right, top, low, height] = [44, 8, 8, 34, 190];
  const losses = floats(frame.losses);
  const highest = Math.max(0.1, ...losses.filter((_, i) => i % 2), ...frame.valid.map((point) => point[1]));
  const tick = roundStep(highest / 4);
  const ticks = Math.ceil(highest / tick);
  const x = (step) => left + ((width - left - right) * step) / Math.max(1, frame.steps);
  const y = (loss) => top + (height - top - low) * (1 - loss / (tick * ticks));
  const grid = range(ticks + 1).flatMap((i) => [
    drawn("line", { x1: left, x2: width - right, y1: y(i * tick), y2: y(i * tick), class: "s2s-rule" }),
    drawn(
      "text",
      { x: left - 6, y: y(i * tick) + 4, "text-anchor": "end" },
      fixed(i * tick, tick < 0.1 ? 2 : tick < 1 ? 1 : 0),
    ),
  ]);
  const line = (points) => points.map(([step, loss]) => `${x(step).toFixed(1)},${y(loss).toFixed(1)}`).join(" ");
  chart.setAttribute("viewBox", `0 0 ${width} ${height}`);
  chart.replaceChildren(
    ...grid,
    drawn("text", { x: left, y: height - 8 }, "step"),
    drawn("text", { x: width - right, y: height - 8, "text-anchor": "end" }, String(frame.steps)),
    drawn("polyline", {
      points: line(range(losses.length / 2).map((i) => losses.subarray(2 * i, 2 * i + 2))),
      class: "s2s-curve",
    }),
    drawn("polyline", { points: line(frame.valid), class: "s2s-curve s2s-dashed" }),
    ...frame.valid.map(([step, loss]) =>
      drawn("rect", { x: x(step) - 3.5, y: y(loss) - 3.5, width: 7, height: 7, class: "s2s-dot" }),
    ),
  );
}

function monitor({ model, root, life }) {
  const bar = h("progress", { "aria-label": "training" });
  const status = h("p", { class: "s2s-status" });
  const stop = button(life, "■ Stop", interrupt);
  const curve = drawn("svg", { role: "img" });
  const key = h(
    "p",
    { class: "s2s-key" },
    h("span", { class: "s2s-line" }),
    " training loss, each step ",
    h("span", { class: "s2s-mark" }),
    " validation loss, each epoch",
  );
  const chart = h("div", { class: "s2s-chart" }, curve, key);
  const title = h("p", { class: "s2s-output" });
  const place = h("div", { class: "s2s-place" });
  const detail = h("p", { class: "s2s-status" });
  const map = new Heatmap(life, {
    label: "attention weights on the probe sentence",
    onPoint: ({ t, s }) => {
      detail.textContent = map.name(t, s);
    },
  });
  const scrubber = h("input", { type: "range", min: 0, step: 1 });
  const past = h("label", { class: "s2s-scrubber", hidden: true }, "look back ", scrubber);
  const table = tableToggle(life, () => (map.data ? [weightTable(map.data, title.textContent)] : []));
  const say = speaker(root);
  place.append(map.el, detail);
  const right = h("div", { class: "s2s-probe" }, title, place, past);
  root.append(
    h("div", { class: "s2s-bar" }, stop, bar),
    status,
    h("div", { class: "s2s-two" }, chart, right),
    table.toggle,
    table.place,
  );
  root.append(h("p", { class: "s2s-note" }, NOTE));
  let asked = false; // to stop

  /** End the training after the step under way: `fit` takes the kernel's interrupt for that. */
  async function interrupt() {
    if (asked) return; // a second interrupt would end the cell with an error
    asked = true;
    status.textContent = "stopping after this step …";
    try {
      await model.widget_manager.kernel.interrupt();
    } catch {
      status.textContent =
        "This notebook does not let a widget stop the kernel: press the stop square in the toolbar. The model is kept.";
    }
  }

  const repaint = life.onFrame(() => {
    const frame = model.get("frame");
    const busy = frame.state === "training";
    stop.disabled = !busy;
    bar.max = Math.max(1, frame.steps);
    bar.value = frame.step;
    if (!asked) status.textContent = told(frame);
    draw(frame);
    const snapshots = model.get("snapshots");
    past.hidden = busy || snapshots.length < 2;
    scrubber.max = Math.max(0, snapshots.length - 1);
    if (past.hidden || !scrubbed) scrubber.value = scrubber.max;
    const back = past.hidden ? null : snapshots[scrubber.value];
    look(back ? back.trace : frame.trace, back ? back.step : frame.step, frame);
    root.dataset.painted = Number(root.dataset.painted ?? 0) + 1;
    root.dataset.state = frame.state;
  });
  let scrubbed = false;

  function told(frame) {
    const parts = [STATES[frame.state] ?? frame.state];
    if (frame.steps) parts.push(`step ${frame.step} of ${frame.steps}, epoch ${frame.epoch}`);
    if (frame.state === "training" && frame.seconds !== null) parts.push(`about ${duration(frame.seconds)} left`);
    return parts.join(" · ");
  }

  function draw(frame) {
    const losses = floats(frame.losses);
    chart.hidden = !losses.length;
    if (chart.hidden) return;
    drawLoss(curve, frame, clamp(chart.clientWidth || 360, 220, 520));
    const valid = frame.valid.length ? `, validation loss ${fixed(frame.valid.at(-1)[1])}` : "";
    curve.setAttribute("aria-label", `training loss ${fixed(losses.at(-1))} at step ${frame.step}${valid}`);
  }

  /** Show the probe sentence as the model saw it at a step. */
  function look(trace, step, frame) {
    const rate =
      trace.error_rate === null
        ? ""
        : ` · alignment error rate ${fixed(trace.error_rate)} (orange frames: the true alignment)`;
    title.replaceChildren(
      `after step ${step}${frame.forced ? ", reading the given output" : " it writes"}: `,
      word(trace.text),
      rate,
    );
    place.hidden = table.toggle.hidden = !trace.weights;
    if (trace.weights) {
      map.paint(unpacked(trace));
      map.onPoint(map.current());
    }
    table.refresh();
  }

  life.listen(scrubber, "input", () => {
    const snapshot = model.get("snapshots")[scrubber.value];
    if (!snapshot) return; // the next training has begun
    scrubbed = true;
    repaint();
    say(`after step ${snapshot.step}`);
  });
  life.watch(model, "frame", () => {
    scrubbed = false;
    if (model.get("frame").state !== "training") asked = false;
    repaint();
  });
  life.watch(model, "snapshots", repaint);
  repaint();
}

// --------------------------------------------------------------------------------------- CompareAttention

function compare({ model, root, life }) {
  const panels = model.get("panels").map((panel) => unpacked(panel));
  const names = panels.map((panel) => panel.name);
  const maps = panels.map(
    (panel) => new Heatmap(life, { label: `attention weights of ${panel.name}`, onPoint: (cell) => follow(cell) }),
  );
  const details = panels.map(() => h("p", { class: "s2s-status" }));
  const longest = Math.max(...panels.map((panel) => panel.src.length));
  const grid = h("div", { class: "s2s-panels", style: `--panel: ${Math.max(300, 110 + 24 * longest)}px` });
  const table = tableToggle(life, () => panels.map((panel) => weightTable(panel, `${panel.name}: ${panel.text}`)));
  const say = speaker(root);
  const title = panels.map((panel) => {
    const mean = sum(panel.entropy) / panel.entropy.length;
    const rate = panel.error_rate === null ? "" : `, alignment error ${fixed(panel.error_rate)}`;
    return `entropy ${fixed(mean)} nats a step${rate}`;
  });
  panels.forEach((panel, i) => {
    grid.append(
      h(
        "section",
        { class: "s2s-panel", "aria-label": panel.name },
        h("p", { class: "s2s-title" }, panel.name),
        h("p", { class: "s2s-status" }, title[i]),
        h("p", {}, "→ ", word(panel.text)),
        maps[i].el,
        details[i],
      ),
    );
  });

  const choose = (chosen) =>
    h("select", {}, ...names.map((name, i) => h("option", { value: i, selected: i === chosen }, name)));
  const [first, second] = [choose(0), choose(Math.min(1, names.length - 1))];
  const on = h("input", { type: "checkbox" });
  const controls = h(
    "div",
    { class: "s2s-bar", hidden: panels.length < 2 },
    h("label", {}, on, "difference of "),
    h("label", {}, h("span", { class: "s2s-unseen" }, "first "), first),
    h("label", {}, "minus ", second),
  );
  const gap = new Heatmap(life, { label: "difference of two maps", signed: true, onPoint: (cell) => follow(cell) });
  const refusal = h("p");
  const difference = h(
    "section",
    { class: "s2s-panel", "aria-label": "difference", hidden: true },
    h("p", { class: "s2s-title" }),
    refusal,
    gap.el,
  );
  grid.append(difference);
  root.append(controls, grid, table.toggle, table.place);
  if (panels.some((panel) => panel.gold))
    root.append(h("p", { class: "s2s-help" }, "Orange frames: the true alignment."));
  root.append(h("p", { class: "s2s-note" }, NOTE));

  const alike = (a, b) =>
    a.words.join("\u0000") === b.words.join("\u0000") && a.src.join("\u0000") === b.src.join("\u0000");

  /** Move the cursors of all maps to the cell under one of them. */
  function follow(cell) {
    for (const map of [...maps, gap]) {
      if (!map.data || (map === gap && difference.hidden)) continue;
      map.hover = cell.t < map.data.trg.length && cell.s < map.data.src.length ? cell : null;
      map.mark();
    }
    panels.forEach((panel, i) => {
      const here = cell.t < panel.trg.length && cell.s < panel.src.length;
      details[i].replaceChildren(
        ...(here
          ? [
              `step ${cell.t + 1}, `,
              word(panel.trg[cell.t]),
              " on ",
              word(panel.src[cell.s]),
              `: ${fixed(panel.weights[cell.t * panel.src.length + cell.s])}, entropy ${fixed(panel.entropy[cell.t])}`,
            ]
          : ["no such step"]),
      );
    });
    root.dataset.cursor = `${cell.t} ${cell.s}`;
  }

  function subtract() {
    const [a, b] = [panels[first.value], panels[second.value]];
    difference.hidden = !on.checked;
    const fits = alike(a, b);
    difference.firstChild.textContent = `${a.name} − ${b.name}`;
    gap.el.hidden = !fits;
    refusal.textContent = fits
      ? `Red: more in ${a.name}, blue: more in ${b.name}.`
      : "These two wrote different words, so their rows can't be subtracted. Make both traces with the same forced= target.";
    gap.data = null;
    if (on.checked && fits)
      gap.paint({ ...a, weights: a.weights.map((weight, i) => weight - b.weights[i]), edited: [] });
    if (on.checked) say(difference.textContent);
  }

  for (const input of [on, first, second]) life.listen(input, "change", subtract);
  maps.forEach((map, i) => map.paint(panels[i]));
  follow({ t: 0, s: 0 });
  root.dataset.painted = 0;
}

// --------------------------------------------------------------------------------------------------- entry

const VIEWS = { explorer, steps, monitor, compare };

/** Keep keys in the widget: with the focus on a button, JupyterLab would take "b" for "insert a cell below". */
function keepKeys(root, life) {
  life.listen(root, "keydown", (event) => {
    const theirs = event.ctrlKey || event.metaKey || event.altKey || event.key === "Tab" || event.key === "Escape";
    if (!theirs) event.stopPropagation();
  });
}

function render({ model, el }) {
  const life = new Life();
  const root = h("div", { class: "s2s", "data-view": model.get("view") });
  const alarm = h("p", { class: "s2s-alarm", role: "alert", hidden: true });
  const complain = () => {
    alarm.textContent = model.get("error");
    alarm.hidden = !alarm.textContent;
  };
  keepKeys(root, life);
  el.append(root);
  root.append(alarm);
  VIEWS[model.get("view")]({ model, root, life });
  life.watch(model, "error", complain);
  complain();
  return () => {
    life.end();
    root.remove();
  };
}

export default { render };

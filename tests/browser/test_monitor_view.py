"""`TrainingMonitor` in the browser: its states, Stop, looking back, and frames as fast as a training sends them."""

import pytest
import tiny
from samples import STEPS, frame
from stub import View, chance

from s2s_lib.learning.training import Epoch, History, Step
from s2s_lib.widgets import TrainingMonitor
from s2s_lib.widgets.saved import data


def monitored(**ended):
    """Watch a training of forty steps with a tiny translator."""
    monitor = TrainingMonitor(tiny.translator(), "a b c")
    for step in range(1, STEPS + 1):
        monitor.drawn = monitor.cost = 0.0  # each step is worth an update
        monitor(Step(1 + (step - 1) // 20, step, STEPS, 4 * 0.95**step, 1e-3, 1.0, 1.0))
        if step % 20 == 0:
            monitor(Epoch(step // 20, 1.0, 1.5, 0.5, 1.0, True))
    monitor(History([], [], ended.get("stopped", "finished")))
    return monitor


@pytest.fixture
def view(page):
    """A view of a model that is not trained yet."""
    return View(page, TrainingMonitor(tiny.translator(), "a b c"))


def status(view):
    view.settle()
    return view.page.locator(".s2s-status").first.inner_text()


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("waiting", "not trained yet"),
        ("finished", "finished"),
        ("early", "ended early: no progress any more"),
        ("interrupted", "stopped"),
        ("failed", "ended by an error, see below the cell"),
    ],
)
def test_each_state_is_told_and_there_is_nothing_to_stop(view, state, told):
    view.push(frame=frame(40, state))
    assert status(view) == f"{told} · step 40 of 40, epoch 3"
    assert view.page.get_by_role("button", name="Stop").is_disabled()


@pytest.mark.parametrize(
    ("seconds", "left"),
    [(0.2, "1 second"), (1.4, "1 second"), (89, "89 seconds"), (100, "2 minutes"), (3600, "60 minutes")],
)
def test_a_training_tells_how_long_it_will_take(view, seconds, left):
    view.push(frame=frame(20, seconds=seconds))
    assert status(view) == f"training · step 20 of 40, epoch 2 · about {left} left"
    assert view.page.get_by_role("progressbar").evaluate("bar => bar.value / bar.max") == 0.5
    picture = view.page.get_by_role("img")
    assert picture.get_attribute("aria-label") == "training loss 1.43 at step 20, validation loss 1.60"
    view.push(frame=frame(21, seconds=None))
    assert "left" not in status(view)


def test_stop_interrupts_the_kernel_once_and_says_so_until_the_end(view):
    view.push(frame=frame(10))
    stop = view.page.get_by_role("button", name="Stop")
    stop.click(click_count=3)
    assert status(view) == "stopping after this step …"
    view.push(frame=frame(11))
    assert status(view) == "stopping after this step …"
    view.push(frame=frame(11, "interrupted"))
    assert status(view).startswith("stopped")
    assert view.page.evaluate("model.interrupts") == 1
    view.push(frame=frame(1))
    stop.click()
    assert view.page.evaluate("model.interrupts") == 2, "the next training can be stopped as well"


@pytest.mark.parametrize(
    "missing",
    ["delete model.widget_manager", "model.widget_manager = {}", "model.widget_manager = { kernel: null }",
     "model.widget_manager.kernel.interrupt = async () => { throw new Error('refused') }"],
)  # fmt: skip
def test_where_the_kernel_cannot_be_reached_stop_points_at_the_toolbar(view, missing):
    view.push(frame=frame(10))
    view.page.evaluate(f"() => {{ {missing} }}")
    view.page.get_by_role("button", name="Stop").click()
    assert "press the stop square in the toolbar" in status(view)
    view.push(frame=frame(11))
    assert "press the stop square in the toolbar" in status(view)


def test_one_looks_back_over_the_snapshots_and_a_new_frame_leads_back(page):
    monitor = monitored()
    view = View(page, monitor)
    scrubber = page.get_by_label("look back")
    assert scrubber.evaluate("input => Number(input.value)") == len(monitor.snapshots) - 1 >= 30
    for nth in (0, 7):
        scrubber.fill(str(nth))
        view.settle()
        assert view.text(".s2s-output").startswith(f"after step {monitor.snapshots[nth]['step']} it writes: ")
        assert page.get_by_role("status").inner_text() == f"after step {monitor.snapshots[nth]['step']}"
    view.push(frame=frame(1), snapshots=[])
    assert not scrubber.is_visible()
    assert view.text(".s2s-output").startswith("after step 1 it writes: ")
    scrubber.evaluate("input => input.dispatchEvent(new Event('input'))")
    view.settle()
    view.push(frame=monitor.frame, snapshots=monitor.snapshots)
    assert scrubber.evaluate("input => Number(input.value)") == len(monitor.snapshots) - 1


def test_the_cell_under_the_cursor_is_told_in_words(page):
    view = View(page, TrainingMonitor(tiny.translator(), "a b c"), frame=frame())
    page.get_by_role("gridcell").focus()
    page.keyboard.press("ArrowDown")
    weight = chance(6, 6)[1, 0]
    assert view.text(".s2s-place .s2s-status") == f"step 2, u1, attends to w0, {weight:.2f}"
    assert "alignment error rate 0.25 (orange frames: the true alignment)" in view.text(".s2s-output")


def test_a_model_without_attention_shows_its_loss(page):
    view = View(page, TrainingMonitor(tiny.translator(None), "a b c"))
    blind = {name: value for name, value in frame()["trace"].items() if name not in ("weights", "entropy")}
    view.push(frame=frame(trace=blind | {"kind": None, "error_rate": None, "gold": None}))
    assert page.get_by_role("img", name="training loss").is_visible()
    assert not page.locator(".s2s-map").is_visible()
    assert not page.get_by_text("Show as table").is_visible()


DRAIN = """async (text) => {
    const frames = unpack(text);
    const root = document.querySelector(".s2s");
    const painted = () => Number(root.dataset.painted);
    const before = painted();
    for (let i = 0; i < 200; i++) {
        model.push({ frame: { ...frames[i % frames.length], step: i + 1 } });
        await new Promise((done) => setTimeout(done, 1000 / 15));
    }
    const [end, last] = [performance.now(), painted()];
    const shown = () => root.querySelector(".s2s-output").textContent.startsWith("after step 200 ");
    while (!shown() && performance.now() - end < 30_000)
        await new Promise(requestAnimationFrame);
    return { drained: performance.now() - end, behind: painted() - last, painted: painted() - before };
}"""


def test_200_frames_of_60_by_60_at_15_a_second_leave_no_queue(view, record_property):
    frames = data([frame(300, words=60, seed=seed) for seed in range(4)])
    found = view.page.evaluate(DRAIN, frames)
    record_property("ms from the last frame to the last picture", found["drained"])
    assert found["behind"] <= 1, "the last one is the next to be painted: those that were missed are left out"
    assert found["painted"] > 20, "they are seen while they come, on a slow machine, too"

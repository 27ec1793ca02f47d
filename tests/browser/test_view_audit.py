"""The views held against axe-core in every state, in light, dark and JupyterLab's own dark theme."""

import pytest
from accessibility import audit
from samples import SAMPLES, monitor, show
from stub import View

KINDS = [*SAMPLES]
DARK = {"--jp-ui-font-color1": "rgba(255, 255, 255, 0.87)", "--jp-layout-color0": "#111111"}
JUPYTERLABS_DARK = """(variables) => {
    for (const [name, value] of Object.entries(variables)) document.documentElement.style.setProperty(name, value);
    document.body.dataset.jpThemeLight = "false";
    document.body.style.cssText = "color: white; background: #111111";
}"""


def settings(new_page, theme):
    page = new_page(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    return page, (lambda: page.evaluate(JUPYTERLABS_DARK, DARK)) if theme == "jupyterlab" else lambda: None


@pytest.mark.parametrize("theme", ["light", "dark", "jupyterlab"])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_in_any_state(new_page, kind, theme):
    page, dress = settings(new_page, theme)
    for count in (6, 40) if theme == "light" else (6,):  # a theme changes colours, not what there is
        view = show(page, kind, count)
        dress()
        if kind == "steps":
            page.get_by_label("predict first").check()
            audit(page)
            page.locator("[data-guess]").first.click()
        page.get_by_role("button", name="Show as table").click()
        if kind != "steps":
            page.get_by_role("gridcell").first.focus()
        view.push(error="RuntimeError: as meant")
        assert page.get_by_role("alert").is_visible()
        audit(page)
    if kind == "monitor":
        View(page, monitor(6, "finished"))
        dress()
        audit(page)
    assert page.evaluate("document.getAnimations().length") == 0


@pytest.mark.parametrize("theme", ["light", "dark", "jupyterlab"])
def test_ink_and_paper_are_the_themes(new_page, theme):
    page, dress = settings(new_page, theme)
    show(page, "explorer", 6)
    dress()
    ink, paper = page.evaluate(
        "(style => [style.color, style.backgroundColor])(getComputedStyle(document.querySelector('.s2s')))"
    )
    known = {
        "light": ("rgb(0, 0, 0)", "rgb(255, 255, 255)"),
        "jupyterlab": ("rgba(255, 255, 255, 0.87)", "rgb(17, 17, 17)"),
    }
    assert (ink, paper) == known.get(theme, ("rgb(255, 255, 255)", "rgb(18, 18, 18)"))

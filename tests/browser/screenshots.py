"""`python tests/browser/screenshots.py`: the README's pictures, of the gallery and of chapter 00 in JupyterLab."""

import shutil
import tempfile
from pathlib import Path

from lab import Lab
from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SENTENCE = "Deux hommes jouent de la guitare dans la rue."


def widgets(page: Page, folder: Path) -> None:
    """Take each widget of the gallery in a telling state, and put four of them on one picture."""
    page.goto((DOCS / "gallery.html").as_uri())
    views = page.locator(".s2s")
    views.nth(0).locator("[role=gridcell]").focus()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    for _ in range(3):
        views.nth(2).get_by_role("button", name="Next").click()
    views.nth(4).get_by_role("checkbox").check()
    shots = []
    for name, index in (("explorer", 0), ("steps", 2), ("compare", 4), ("monitor", 3)):
        shots.append(folder / f"{name}.png")
        views.nth(index).screenshot(path=shots[-1])
    mosaic(list(map(Image.open, shots))).save(DOCS / "widgets.png", optimize=True)


def mosaic(pictures: list[Image.Image], width: int = 900, gap: int = 24) -> Image.Image:
    """Put pictures into two columns."""
    fitted = [picture.resize((width, picture.height * width // picture.width)) for picture in pictures]
    columns = [fitted[0::2], fitted[1::2]]
    height = max(sum(picture.height + gap for picture in column) for column in columns)
    whole = Image.new("RGB", (2 * width + 3 * gap, height + gap), "white")
    for i, column in enumerate(columns):
        top = gap
        for picture in column:
            whole.paste(picture, (gap + i * (width + gap), top))
            top += picture.height + gap
    return whole.resize((whole.width * 2 // 3, whole.height * 2 // 3))


def chapter(page: Page, lab: Lab) -> None:
    """Take chapter 00 with a sentence typed into its explorer."""
    lab.reset()  # to settings that ask for nothing
    shutil.copy(ROOT / "notebooks" / "00_start_here.ipynb", lab.root / "00_start_here.ipynb")
    lab.visit(page, "00_start_here.ipynb")
    lab.run_all(page)
    field = page.get_by_label("source sentence").first
    field.fill(SENTENCE)
    page.locator(".s2s-output", has_text="guitar").first.wait_for()
    page.locator(".s2s").first.scroll_into_view_if_needed()
    page.screenshot(path=DOCS / "start.png")


def main() -> None:
    """Take all pictures."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1000, "height": 900})
        widgets(page, Path(folder))
        with Lab(Path(folder) / "lab") as lab:
            chapter(browser.new_page(viewport={"width": 1280, "height": 900}), lab)
        browser.close()


if __name__ == "__main__":
    main()

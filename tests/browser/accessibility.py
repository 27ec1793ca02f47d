"""Pages held against the rules of axe-core, the engine behind most accessibility checkers."""

from importlib.resources import files

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
# What a widget in a notebook has no say in: the page's title, its landmarks, the headings above.
PAGE_RULES = ["bypass", "document-title", "heading-order", "html-has-lang", "html-lang-valid", "landmark-one-main"]
PAGE_RULES += ["meta-viewport", "page-has-heading-one", "region"]
RUN = "([selector, options]) => axe.run(selector ?? document, options)"


def audit(page, selector: str | None = None, *, fragment: bool = False) -> dict:
    """Assert that axe-core finds no violation, and return all it found; `incomplete` is what a person has to judge.

    With a `selector` only what it selects is audited, and `fragment` leaves out the rules of whole pages. Frames within
    the page are not entered.
    """
    if selector is not None:
        assert page.locator(selector).count(), f"nothing on the page is {selector}, so nothing would be audited"
    if not page.evaluate("'axe' in window"):
        page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    off = {rule: {"enabled": False} for rule in (PAGE_RULES if fragment else [])}
    options = {"runOnly": {"type": "tag", "values": TAGS}, "rules": off, "iframes": False}
    found = page.evaluate(RUN, [selector, options])
    assert not found["violations"], "\n".join(map(readable, found["violations"]))
    return found


def readable(violation: dict) -> str:
    """Say which rule was broken, what it asks for and by which elements."""
    nodes = [f"    {node['html']}\n        {node['failureSummary']}" for node in violation["nodes"]]
    return "\n".join([f"{violation['id']} ({violation['impact']}): {violation['help']}", *nodes])

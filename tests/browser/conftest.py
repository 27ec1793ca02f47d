"""What tests in a real browser share: the system's Chromium, pages that are watched, and a JupyterLab server.

A test asks for `page` (or `new_page`, to choose a viewport, a colour scheme, reduced motion), for `lab`, and for
`kernel` to be run once with every version of ipykernel. `accessibility.audit(page)` holds a page against axe-core.
"""

import asyncio
import importlib
import os
import shutil

import pytest
from lab import Lab
from pages import OFFLINE, Pages
from server import kernel_versions

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def chromium():
    """The path of the system's Chromium, or a skip; with S2S_REQUIRE_CHROMIUM, a failure."""
    required = os.environ.get("S2S_REQUIRE_CHROMIUM")
    if not required:
        pytest.importorskip("playwright", reason="playwright is not installed: pip install -r requirements.txt")
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        (pytest.fail if required else pytest.skip)(f"no Chromium here: apt install chromium (looked for {NAMES})")
    return path


@pytest.fixture(scope="module")
def browser(chromium):
    """A browser for a module's tests.

    Playwright keeps an event loop running in this thread. It ends with the module, since the notebooks that other tests
    of a session execute would meet it.
    """
    with importlib.import_module("playwright.sync_api").sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OFFLINE)
        yield browser
        browser.close()
    assert asyncio._get_running_loop() is None, "playwright left its event loop running"


@pytest.fixture
def new_page(browser):
    """Open pages: `new_page(viewport=…, color_scheme="dark", reduced_motion="reduce")`, each in a profile of its own.

    A page's error, an error in its console or a request to another machine fails the test in the end. A test that means
    one to happen looks at `new_page.trouble` and clears it.
    """
    with Pages(browser) as pages:
        yield pages


@pytest.fixture
def page(new_page):
    """A page of 1280 by 900 pixels, watched."""
    return new_page()


@pytest.fixture(scope="module")
def lab_server(browser, tmp_path_factory):
    """The server behind `lab`; it needs a browser, so that nothing is started for tests that are skipped."""
    with Lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture
def lab(lab_server):
    """A JupyterLab without kernels and with the settings of a first day; one server does for a module."""
    lab_server.reset()
    return lab_server


@pytest.fixture(params=kernel_versions())
def kernel(request):
    """The version of an ipykernel that `lab.notebook(…, kernel=kernel)` can name; the test is run with each."""
    return request.param

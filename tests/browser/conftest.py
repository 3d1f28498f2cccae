"""Fixtures of the browser tests: one JupyterLab and one Chromium for all of them, a fresh page for each."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.browser.harness import FLAGS, HOW_TO_GET_A_BROWSER, WIDE, Notebook, find_chromium, write_notebook
from tests.browser.lab_server import LabServer, lab_server

HERE = Path(__file__).parent
BROWSER_REQUIRED = os.environ.get("LYAPLAB_REQUIRE_BROWSER") == "1"
OpenNotebook = Callable[..., Notebook]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="package")
def chromium() -> Iterator[object]:
    """One headless Chromium. It ends with this folder: Playwright keeps an event loop that other tests would meet."""
    from playwright.sync_api import sync_playwright

    path = find_chromium()
    with sync_playwright() as playwright:
        path = path or playwright.chromium.executable_path
        if not Path(path).exists():
            pytest.skip(HOW_TO_GET_A_BROWSER)
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def lab(chromium: object) -> Iterator[LabServer]:
    """One JupyterLab for all browser tests, with empty settings, serving an empty folder."""
    root = Path(tempfile.mkdtemp(prefix="lyaplab-lab-"))
    with lab_server(root) as server:
        yield server
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def notebook(chromium, lab: LabServer, request: pytest.FixtureRequest) -> Iterator[OpenNotebook]:
    """Open a notebook: ``notebook(cells_or_file, theme="light", run=True, size=(width, height), server=lab)``.

    `cells_or_file` is a list of sources, or the path of an .ipynb, which is copied to the server's folder.
    """
    opened: list[Notebook] = []
    contexts = []

    def open_notebook(
        what: Iterable[str] | Path | str,
        *,
        theme: str = "light",
        run: bool = True,
        size: tuple[int, int] = WIDE,
        server: LabServer = lab,
        seconds: float = 120,
    ) -> Notebook:
        folder = Path(tempfile.mkdtemp(prefix=f"{request.node.name[:24].split('[')[0]}-", dir=server.root))
        if isinstance(what, str | Path):
            path = folder / Path(what).name
            shutil.copyfile(what, path)
        else:
            path = folder / "test.ipynb"
            write_notebook(path, what)
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce")
        contexts.append(context)
        page = Notebook(context, server, path=path)
        opened.append(page)
        page.open(theme=theme)
        return page.run_all(seconds=seconds) if run else page

    yield open_notebook
    failed = getattr(request.node, "failed_in_call", False)
    for number, page in enumerate(opened):
        if failed and not page.page.is_closed():
            page.shot(f"failed-{request.node.name}-{number}")
        page.close()
    for context in contexts:
        context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    """Remember a failure, so that the fixture takes a picture; where a browser is required, a skip is a failure."""
    report = yield
    if report.when == "call":
        item.failed_in_call = report.failed
    if report.skipped and BROWSER_REQUIRED and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, though LYAPLAB_REQUIRE_BROWSER=1: {call.excinfo.value if call.excinfo else ''}"
    return report

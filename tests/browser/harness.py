"""A notebook in a real JupyterLab and Chromium, as a learner sees and uses it.

Tests get one by the fixture ``notebook`` (conftest.py): ``page = notebook(["import lyaplab as ll", "ll.Cobweb()"])``.
Everything here waits for what it asked for, so tests need no sleeps.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import nbformat
from playwright.sync_api import BrowserContext, CDPSession, ConsoleMessage, Error, Locator, Page

from tests.browser.lab_server import LabServer

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW_TO_GET_A_BROWSER = (
    "no Chromium found: install one (Debian and Ubuntu: 'apt-get install chromium'; elsewhere: 'playwright install "
    "chromium'), or name one in LYAPLAB_CHROMIUM"
)
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
WIDE, NARROW = (1280, 900), (560, 900)
SURROUNDINGS = 220  # pixels that JupyterLab's bars take from the window's height

# What JupyterLab itself writes to the console, with or without lyaplab.
NOISE = re.compile(r"favicon|status of 404|Failed to fetch translations|ResizeObserver|plausible", re.IGNORECASE)

CURRENT = "window.jupyterapp.shell.currentWidget"
READY = f"""() => {{
  const panel = window.jupyterapp && {CURRENT};
  const kernel = panel && panel.sessionContext && panel.sessionContext.session && panel.sessionContext.session.kernel;
  return panel && panel.context && panel.context.isReady && kernel && kernel.connectionStatus === 'connected'
    && kernel.status === 'idle';
}}"""
IDLE = f"""(expected) => {{
  const panel = {CURRENT};
  if (panel.sessionContext.session.kernel.status !== 'idle') return false;
  const cells = [...panel.content.model.cells];
  const waits = cell => cell.type === 'code' && cell.sharedModel.source.trim() && cell.executionCount === null;
  const failed = cell => cell.type === 'code' && cell.outputs.toJSON().some(o => o.output_type === 'error');
  if (expected !== null) return !waits(cells[expected]);
  return !cells.some(waits) || cells.some(failed);  // an error ends Run All: the cells after it never run
}}"""


def find_chromium() -> str | None:
    """The path of a Chromium, or None."""
    named = os.environ.get("LYAPLAB_CHROMIUM")
    return next(filter(None, map(shutil.which, filter(None, (named, *BROWSERS)))), None)


def write_notebook(path: Path, cells: Iterable[str]) -> None:
    """Write a notebook of code cells; one that begins with ``%%md`` becomes text."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for source in cells:
        if source.startswith("%%md"):
            notebook.cells.append(nbformat.v4.new_markdown_cell(source.removeprefix("%%md").lstrip()))
        else:
            notebook.cells.append(nbformat.v4.new_code_cell(source))
    nbformat.write(notebook, path)


class Notebook:
    """One open notebook. `page` is Playwright's own page, for all that is not offered here."""

    def __init__(self, context: BrowserContext, server: LabServer, *, path: Path) -> None:
        self.server = server
        self.path = path
        self.console_errors: list[str] = []
        self.foreign_requests: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self._note_error(str(error)))
        self.page.on("request", lambda request: self._note_request(request.url))
        self.devtools: CDPSession = context.new_cdp_session(self.page)

    # What went wrong in the page -------------------------------------------------------------------------------

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note_error(f"{message.text} ({message.location.get('url', '')})")

    def _note_error(self, text: str) -> None:
        if not NOISE.search(text):
            self.console_errors.append(text)

    def _note_request(self, url: str) -> None:
        if urlparse(url).hostname not in ("127.0.0.1", "localhost", None, ""):
            self.foreign_requests.append(url)

    def cell_errors(self) -> list[str]:
        """The tracebacks that cells show, as ``name: message``."""
        return self.page.evaluate(
            f"""() => [...{CURRENT}.content.model.cells].flatMap(cell => cell.type !== 'code' ? [] :
                cell.outputs.toJSON().filter(o => o.output_type === 'error').map(o => o.ename + ': ' + o.evalue))"""
        )

    def assert_clean(self) -> None:
        """No traceback in a cell, no error in the console, no request to another machine."""
        # pytest rewrites assertions in tests only: elsewhere they do not tell what they saw.
        cells = self.cell_errors()
        assert not cells, cells
        assert not self.console_errors, self.console_errors
        assert not self.foreign_requests, self.foreign_requests

    # Open and run ----------------------------------------------------------------------------------------------

    def open(self, *, theme: str = "light") -> Notebook:
        """Open the file in a fresh workspace, side bars folded away, kernel connected."""
        name = self.path.relative_to(self.server.root).as_posix()
        workspace = re.sub(r"\W", "", name)
        self.page.goto(f"{self.server.url}/lab/workspaces/{workspace}/tree/{name}?reset", wait_until="domcontentloaded")
        self.page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
        self.page.wait_for_function(READY, timeout=60_000)
        self.page.evaluate("() => { window.jupyterapp.shell.collapseLeft(); window.jupyterapp.shell.collapseRight(); }")
        return self.theme(theme)

    def theme(self, name: str) -> Notebook:
        """Switch to the ``light`` or ``dark`` theme of JupyterLab."""
        light = "true" if name == "light" else "false"
        if self.page.get_attribute("body", "data-jp-theme-light") != light:
            self.command("apputils:change-theme", theme=THEMES[name])
            self.page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")
            # JupyterLab takes its splash away a moment later, and twice where the theme is switched again before that.
            self.page.wait_for_selector("#jupyterlab-splash", state="detached")
        return self

    def command(self, name: str, **arguments: Any) -> None:
        """Run a command of JupyterLab, e.g. ``command("docmanager:save")``."""
        self.page.evaluate("([name, args]) => { window.jupyterapp.commands.execute(name, args) }", [name, arguments])

    def run_all(self, *, seconds: float = 120) -> Notebook:
        """Run all cells and wait until the kernel is idle."""
        self.command("notebook:run-all-cells")
        return self.wait_idle(seconds=seconds)

    def run_cell(self, index: int, source: str | None = None, *, seconds: float = 60) -> Notebook:
        """Run cell `index` (text cells count too), after replacing its source if one is given."""
        self.page.evaluate(
            f"""([index, source]) => {{
              const content = {CURRENT}.content;
              const cell = content.model.cells.get(index);
              if (source !== null) cell.sharedModel.setSource(source);
              cell.sharedModel.execution_count = null;
              content.activeCellIndex = index;
              window.jupyterapp.commands.execute('notebook:run-cell');
            }}""",
            [index, source],
        )
        return self.wait_idle(cell=index, seconds=seconds)

    def wait_idle(self, *, cell: int | None = None, seconds: float = 60) -> Notebook:
        """Wait until every code cell (or just `cell`) has run and the kernel is idle."""
        self.page.wait_for_function(IDLE, arg=cell, timeout=1000 * seconds)
        return self

    def restart_kernel(self) -> Notebook:
        """Restart the kernel without a question and wait until it is there again."""
        self.page.evaluate(f"() => {CURRENT}.sessionContext.restartKernel()")
        self.page.wait_for_function(READY, timeout=60_000)
        return self

    def reload(self) -> Notebook:
        """Save, close and open the page again; the kernel goes on."""
        self.page.evaluate(f"() => {CURRENT}.context.save()")
        return self.open()

    # Look ------------------------------------------------------------------------------------------------------

    def find(self, selector: str) -> Locator:
        """Elements of this notebook's panel."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)").locator(selector)

    def output(self, index: int) -> Locator:
        """The outputs of cell `index` (text cells count too), in their order."""
        return self.find(f".jp-Cell[data-windowed-list-index='{index}'] .jp-OutputArea-output")

    def output_text(self, index: int) -> str:
        """What a reader sees under cell `index`."""
        return "\n".join(text.strip() for text in self.output(index).all_inner_texts())

    def python(self, expression: str) -> Any:
        """The value of an expression in the kernel, through JSON, e.g. ``python("view.state")``."""
        answer = self.page.evaluate(
            f"""async (expression) => {{
              const kernel = {CURRENT}.sessionContext.session.kernel;
              const content = {{code: 'pass', store_history: false, user_expressions: {{value: expression}}}};
              return (await kernel.requestExecute(content).done).content.user_expressions.value;
            }}""",
            f"__import__('json').dumps({expression})",
        )
        if answer["status"] != "ok":
            raise RuntimeError(f"{expression}: {answer['ename']}: {answer['evalue']}")
        return json.loads(ast.literal_eval(answer["data"]["text/plain"]))

    def wait_until(self, holds: Callable[[], bool], *, seconds: float = 10) -> None:
        """Wait for what page and kernel have to agree on first; a drag's last moves may still be under way."""
        until = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < until, f"does not hold after {seconds} s"
            self.page.wait_for_timeout(50)

    def heap(self) -> float:
        """The page's JavaScript heap in MB, after a garbage collection."""
        self.devtools.send("HeapProfiler.collectGarbage")
        return self.devtools.send("Runtime.getHeapUsage")["usedSize"] / 2**20

    def kernel_memory(self) -> float:
        """The kernel's resident memory in MB, after a garbage collection (Linux)."""
        read = "open('/proc/self/statm').read().split()[1]"
        return self.python(f"[__import__('gc').collect(), int({read})][1]") * os.sysconf("SC_PAGE_SIZE") / 2**20

    def shot(self, name: str, selector: str | None = None) -> Path | None:
        """Save a picture of the first `selector` (or the page) to the folder LYAPLAB_SHOTS, if that is set."""
        folder = os.environ.get("LYAPLAB_SHOTS")
        if not folder:
            return None
        Path(folder).mkdir(parents=True, exist_ok=True)
        path = Path(folder, f"{name}.png")
        if selector is None:
            self.page.screenshot(path=path)
        else:
            self._shot_of(self.find(selector).first, path)
        return path

    def _shot_of(self, element: Locator, path: Path) -> None:
        """A picture of a whole element: the notebook scrolls, so the window grows to hold what is taller."""
        window, box = self.page.viewport_size, element.bounding_box()
        if window is None or box is None:
            raise Error(f"nothing to see of {element}")
        taller = box["height"] + SURROUNDINGS > window["height"]
        if taller:
            self.resize((window["width"], int(box["height"]) + SURROUNDINGS))
        element.scroll_into_view_if_needed()
        element.screenshot(path=path)
        if taller:
            self.resize((window["width"], window["height"]))

    def portraits(self, name: str, selector: str) -> None:
        """Pictures of the first `selector` in the light theme, the dark theme and a narrow window."""
        for theme in ("light", "dark"):
            self.theme(theme)
            self.page.wait_for_timeout(300)  # colours fade over
            self.shot(f"{name}-{theme}", selector)
        self.theme("light")
        self.resize(NARROW)
        self.shot(f"{name}-narrow", selector)
        self.resize(WIDE)

    def resize(self, size: tuple[int, int]) -> None:
        """Give the window another size in pixels, and the widgets time to follow."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.page.wait_for_timeout(500)

    # Touch -----------------------------------------------------------------------------------------------------

    def press(self, key: str, *, times: int = 1, on: str | None = None) -> None:
        """Press a key, e.g. ``press("ArrowRight", times=3, on=".my .noUi-handle")``; `on` gets the focus first."""
        if on is not None:
            self.find(on).first.focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def drag(self, target: Locator | str, dx: float, dy: float, *, steps: int = 12) -> None:
        """Drag the middle of an element by (`dx`, `dy`) pixels with the mouse, in `steps` small moves."""
        element = self.find(target).first if isinstance(target, str) else target
        element.scroll_into_view_if_needed()
        box = element.bounding_box()
        if box is None:
            raise Error(f"{target} is not visible")
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + dx, y + dy, steps=steps)
        self.page.mouse.up()

    def close(self) -> None:
        """Close the page and end its kernel; a second time does nothing."""
        if self.page.is_closed():
            return
        if self.page.get_attribute("body", "data-jp-theme-light") == "false":
            self.theme("light")  # the theme is a setting of the server, and the next test starts light
        self.page.close()
        self.server.stop_kernels()

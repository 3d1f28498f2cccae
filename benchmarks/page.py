"""A page under the clock: notebooks that are opened to be measured, and the times that are taken in the page itself.

Times run from a key, a move of the mouse or a click to the change of what is seen; no polling, no Python in between.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

__all__ = [
    "EMPTY", "ENDLESS", "FIGURE", "FIGURES", "REPORT", "REST", "Times", "drag", "empty_trip", "notebooks", "show",
    "stop", "turn",
]  # fmt: skip

# Milliseconds without a change that end a reading: a picture's marks come closer together than _CALM; after REST what
# a move leaves to be done later (the full picture) is over, and cannot be taken for the answer to the next move.
_CALM, REST = 40, 450

EMPTY = """
import ipywidgets as W
empty, echo = W.IntSlider(max=1_000_000), W.Label("0")
empty.observe(lambda change: setattr(echo, "value", str(change.new)), "value")
empty.add_class("empty"); echo.add_class("echo")
trip = W.VBox([empty, echo])
"""

# The widget's own long run, again and again, so that Stop never comes too late; and how long its pieces take.
ENDLESS = """
import time
from dataclasses import replace
import lyaplab as ll
lengths = []

def endless(begin):
    def begun(*view):
        job = begin(*view)
        def pieces(stop):
            while not stop.is_set():
                before = time.perf_counter()
                for partial in job.pieces(stop):
                    lengths.append(1000 * (time.perf_counter() - before))
                    yield partial
                    before = time.perf_counter()
        return replace(job, pieces=pieces)
    return begun

# A widget that begins its run by itself has an endless one only when it is asked for: moves are measured without.
def run_for_ever():
    if isinstance(view, (ll.Bifurcation, ll.OutlierLab)):
        view._run._begin = endless(view._run._begin)

ll.Cobweb._measure = endless(ll.Cobweb._measure)
ll.PhasePlane._refine = endless(ll.PhasePlane._refine)
ll.StateSpace._find = endless(ll.StateSpace._find)
ll.SpectrumMeter._measure = endless(ll.SpectrumMeter._measure)
ll.ChaosTransition._sweep = endless(ll.ChaosTransition._sweep)
ll.ForcingLab._learn = endless(ll.ForcingLab._learn)
"""

# Resolves to milliseconds from the event: `first` and `last` change of what is watched (the last of the first picture),
# `final` change (of all that is left to be done later), `sent` when the news left the page, `back` when the first
# answer about a value in `keys` was there; null when nothing changes for ten seconds.
_WATCH = """() => { window.lyapTimes = ([watched, event, keys, calm, rest]) => new Promise(done => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const times = {};
  let begin = null, changed = null, ending = null;
  const now = () => performance.now() - begin;
  const heard = (_, {direction, msg}) => {
    if (begin === null || !msg.header.msg_type.startsWith('comm_msg')) return;
    if (direction === 'send') { times.sent ??= now(); return; }
    const data = msg.content.data;
    if (data.method === 'update' && keys.some(key => key in data.state)) times.back ??= now();
  };
  const ended = answer => {
    watcher.disconnect(); kernel.anyMessage.disconnect(heard); clearTimeout(lost); done(answer);
  };
  const lost = setTimeout(ended, 10000, null);
  const watcher = new MutationObserver(changes => {
    if (begin === null) return;
    if (!changes.some(change => change.type !== 'attributes' || change.target.matches('path.line, .line, image')))
      return;
    times.first ??= now();
    times.final = now();
    if (changed === null || now() - changed < calm) times.last = changed = now();
    clearTimeout(ending);
    ending = setTimeout(ended, rest, times);
  });
  const root = document.querySelector(watched);
  const attributes = root.querySelector("path.line") !== null;
  watcher.observe(root, attributes ? {subtree: true, attributes, attributeFilter: ['d', 'href']}
                                   : {subtree: true, childList: true, characterData: true});
  kernel.anyMessage.connect(heard);
  window.addEventListener(event, () => { begin ??= performance.now(); }, {capture: true, once: true});
}); }"""
_KEY = """([slider, key, wanted]) => {
  const times = window.lyapTimes(wanted);
  document.querySelector(slider + ' .noUi-handle')
    .dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
  return times;
}"""
_STOP = """() => new Promise(done => {
  const note = document.querySelector('.lyap-run');
  const watcher = new MutationObserver(() => {
    if (note.innerText.includes('stopped')) { watcher.disconnect(); done(performance.now() - begin); }
  });
  watcher.observe(note, {subtree: true, childList: true, characterData: true});
  const begin = performance.now();
  document.querySelector('.lyap-stop').click();
})"""
# The page of a report is made and shown at each click, with a number in it that changes.
REPORT = """
import ipywidgets as W
import lyaplab as ll
made, clicks = ll.report(ll.Model("tanh", n=64, gain=1.5, seed=1), steps=500, starts=32), []
ask, sheet = W.Button(description="show"), W.HTML(); ask.add_class("ask"); sheet.add_class("sheet")

def show(_):
    clicks.append(1)
    sheet.value = made._repr_html_() + f"<p>{len(clicks)}</p>"

ask.on_click(show)
trip = W.VBox([trip, ask, sheet])
"""
_SHOW = """() => new Promise(done => {
  const watcher = new MutationObserver(() => {
    if (document.querySelector('.sheet .lyap-report')) {
      watcher.disconnect();
      requestAnimationFrame(() => setTimeout(() => done(performance.now() - begin)));
    }
  });
  watcher.observe(document.querySelector('.sheet'), {subtree: true, childList: true});
  const begin = performance.now();
  document.querySelector('.ask').click();
})"""
FIGURE, FIGURES = ".lyap-figure", ".lyap-figures"
_MARKS = ["x", "y", "image"]
Times = dict[str, float]


@contextmanager
def notebooks() -> Iterator[Callable[..., object]]:
    """Open notebooks on a stock and on a prompt server: ``open(cells, prompt=True)``; both end with the block."""
    from playwright.sync_api import sync_playwright

    from tests.browser.harness import FLAGS, Notebook, find_chromium, write_notebook
    from tests.browser.lab_server import lab_server

    with ExitStack() as stack:
        root = Path(tempfile.mkdtemp(prefix="lyaplab-bench-"))
        stack.callback(shutil.rmtree, root, ignore_errors=True)
        servers = [stack.enter_context(lab_server(root, env={"LYAPLAB_PROMPT": switch})) for switch in "01"]
        browser = stack.enter_context(sync_playwright()).chromium.launch(executable_path=find_chromium(), args=FLAGS)
        stack.callback(browser.close)

        def open_notebook(cells: list[str], *, prompt: bool) -> Notebook:
            path = Path(tempfile.mkdtemp(dir=root)) / "bench.ipynb"
            write_notebook(path, cells)
            context = browser.new_context(viewport={"width": 1280, "height": 1300}, reduced_motion="reduce")
            page = Notebook(context, servers[prompt], path=path).open().run_all(seconds=300)
            page.page.evaluate(_WATCH)
            page.find(".echo").first.wait_for()
            return page

        yield open_notebook


def empty_trip(page) -> Times | None:
    """One key on the slider that sets a Label and does nothing else."""
    return page.page.evaluate(_KEY, [".empty", "ArrowRight", [".echo", "keydown", ["value"], _CALM, _CALM]])


def turn(page, knob: str, key: str, watched: str) -> Times | None:
    """One key on the slider of a knob."""
    return page.page.evaluate(_KEY, [f".lyap-knob-{knob}", key, [watched, "keydown", _MARKS, _CALM, REST]])


def stop(page) -> float:
    """Milliseconds from the Stop button to "stopped"."""
    return page.page.evaluate(_STOP)


def show(page) -> float:
    """Milliseconds from a click to a report's page, made anew and painted."""
    return page.page.evaluate(_SHOW)


def drag(page, count: int, watched: str) -> list[Times | None]:
    """So many moves of the mouse that holds a start, there and back in turn; empty where there is nothing to hold."""
    grip = page.find(".dot[style*='--lyap-grip']").first
    if not grip.count():
        return []
    grip.scroll_into_view_if_needed()
    box = grip.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse, taken = page.page.mouse, []
    # a drag keeps the events of the mouse to itself, those of the pointer go everywhere
    wanted = [watched, "pointermove", _MARKS, _CALM, REST]
    mouse.move(x, y)
    mouse.down()
    for i in range(count):
        page.page.evaluate("wanted => { window.lyapDrag = window.lyapTimes(wanted); }", wanted)
        mouse.move(x if i % 2 else x + 6, y)
        taken.append(page.page.evaluate("() => window.lyapDrag"))
    mouse.up()
    page.page.wait_for_timeout(REST)
    return taken

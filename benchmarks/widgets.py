"""Latency of the widgets, in a real JupyterLab and Chromium, against the empty round trip of a stock Jupyter server.

The yardstick is a slider that sets a Label, on a server without lyaplab's prompt websockets. Bursts of moves of
everything come in turn, so that a busy moment of the machine meets all of them. Times are taken in the page, from a
key, a move of the mouse or a click to the change of what is seen; no polling, no Python in between.
"""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.clock import ratio

BURSTS, LEAD, MOVES, STOPS = 3, 10, 20, 9  # of a burst, the first LEAD moves are not counted
GOAL = 0.6
PAUSE = 20  # milliseconds after the 40 of calm that end a reading
AT_REST = 600  # milliseconds: what a move leaves to be done later (the full picture) is over

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
    def begun(self):
        job = begin(self)
        def pieces(stop):
            while not stop.is_set():
                before = time.perf_counter()
                for partial in job.pieces(stop):
                    lengths.append(1000 * (time.perf_counter() - before))
                    yield partial
                    before = time.perf_counter()
        return replace(job, pieces=pieces)
    return begun

ll.Cobweb._measure = endless(ll.Cobweb._measure)
ll.PhasePlane._refine = endless(ll.PhasePlane._refine)
"""

# Resolves to milliseconds from the event: `first` and `last` change of what is watched (the last before 40 ms of
# calm), `sent` when the news left the page, `back` when the first answer about a value in `keys` was there.
WATCH = """() => { window.lyapTimes = ([watched, event, keys]) => new Promise((done, fail) => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const times = {};
  let begin = null, calm = null;
  const now = () => performance.now() - begin;
  const heard = (_, {direction, msg}) => {
    if (begin === null || !msg.header.msg_type.startsWith('comm_msg')) return;
    if (direction === 'send') { times.sent ??= now(); return; }
    const data = msg.content.data;
    if (data.method === 'update' && keys.some(key => key in data.state)) times.back ??= now();
  };
  const ended = () => {
    watcher.disconnect(); kernel.anyMessage.disconnect(heard); clearTimeout(lost); done(times);
  };
  const lost = setTimeout(() => { watcher.disconnect(); fail(new Error('nothing changed: ' + watched)); }, 10000);
  const watcher = new MutationObserver(changes => {
    if (begin === null) return;
    if (!changes.some(change => change.type !== 'attributes' || change.target.matches('path.line, .line, image')))
      return;
    times.first ??= now();
    times.last = now();
    clearTimeout(calm);
    calm = setTimeout(ended, 40);
  });
  const root = document.querySelector(watched);
  const attributes = root.matches(".lyap-figure");
  watcher.observe(root, attributes ? {subtree: true, attributes, attributeFilter: ['d', 'href']}
                                   : {subtree: true, childList: true, characterData: true});
  kernel.anyMessage.connect(heard);
  window.addEventListener(event, () => { begin ??= performance.now(); }, {capture: true, once: true});
}); }"""
KEY = """([slider, watched, keys, key]) => {
  const times = window.lyapTimes([watched, 'keydown', keys]);
  document.querySelector(slider + ' .noUi-handle')
    .dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
  return times;
}"""
STOP = """() => new Promise(done => {
  const note = document.querySelector('.lyap-run');
  const watcher = new MutationObserver(() => {
    if (note.innerText.includes('stopped')) { watcher.disconnect(); done(performance.now() - begin); }
  });
  watcher.observe(note, {subtree: true, childList: true, characterData: true});
  const begin = performance.now();
  document.querySelector('.lyap-stop').click();
})"""
FIGURE = ".lyap-figure"
MARKS = ["x", "y", "image"]
Times = dict[str, float]


@dataclass(frozen=True)
class Subject:
    """A widget that is measured: its name in the table, the source that makes it, the knob that is turned."""

    name: str
    source: str
    knob: str


SUBJECTS = (
    Subject("Cobweb, tanh", "ll.Cobweb('tanh', preset='unit-bistable')", "w"),
    Subject("PhasePlane, map", "ll.PhasePlane('tanh', preset='bistable')", "w11"),
    Subject("PhasePlane, flow", "ll.PhasePlane('rate', preset='bistable')", "w11"),
)


def main() -> None:
    """Print the tables."""
    try:
        from tests.browser.harness import HOW_TO_GET_A_BROWSER, find_chromium
    except ImportError as error:
        print(f"skipped: {error} (the extra 'test' has what browser benchmarks need)")
        return
    if find_chromium() is None:
        print(f"skipped: {HOW_TO_GET_A_BROWSER}")
        return
    with notebooks() as open_notebook:
        pages = {
            "stock": open_notebook([EMPTY, "trip"], prompt=False),
            "prompt": open_notebook([EMPTY, "trip"], prompt=True),
        }
        for subject in SUBJECTS:
            cells = [EMPTY, ENDLESS, f"view = {subject.source}\nW.VBox([trip, view])"]
            pages[subject.name] = open_notebook(cells, prompt=True)
        readings = moves(pages)
        print_latency(readings)
        print_parts(readings)
        print_stops(pages, empty=median(reading["first"] for reading in readings["stock"]))


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
            page.page.evaluate(WATCH)
            page.find(".echo").first.wait_for()
            return page

        yield open_notebook


# --- readings ------------------------------------------------------------------------------------------------------


def moves(pages: Mapping[str, object]) -> dict[str, list[Times]]:
    """Readings of each thing, burst by burst: the empty trips, keys for each widget, drags for each widget."""
    knobs = {subject.name: subject.knob for subject in SUBJECTS}
    readings: dict[str, list[Times]] = {}
    for burst in range(-1, BURSTS):  # the first one only warms up
        for name, page in pages.items():
            if name in knobs:
                taken = {name: turns(page, knobs[name]), f"drag {name}": drags(page)}
            else:
                taken = {name: empty_trips(page)}
            for key, times in taken.items():
                readings.setdefault(key, []).extend(times[LEAD:] if burst >= 0 else [])
    return readings


def burst_of(page, move: Callable[[bool], Times]) -> list[Times]:
    """Move there and back in turn at the pace of a hand that goes on moving, then rest.

    The pace matters: after a pause, TCP acknowledges some packets at once, and the delay of a stock server is not seen.
    """
    taken = []
    for number in range(LEAD + MOVES):
        taken.append(move(bool(number % 2)))
        page.page.wait_for_timeout(PAUSE)
    page.page.wait_for_timeout(AT_REST)
    return taken


def empty_trips(page) -> list[Times]:
    """Keys on the slider that does nothing but set the Label."""
    return burst_of(page, lambda back: key(page, ".empty", ".echo", ["value"], back=back))


def turns(page, knob: str) -> list[Times]:
    """Keys on a knob's slider."""
    return burst_of(page, lambda back: key(page, f".lyap-knob-{knob}", FIGURE, MARKS, back=back))


def key(page, slider: str, watched: str, keys: Iterable[str], *, back: bool) -> Times:
    """One key on a slider."""
    return page.page.evaluate(KEY, [slider, watched, list(keys), "ArrowLeft" if back else "ArrowRight"])


def drags(page) -> list[Times]:
    """Moves of the mouse that holds a start; the orbit follows."""
    grip = page.find(".dot[style*='--lyap-grip']").first
    grip.scroll_into_view_if_needed()
    box = grip.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = page.page.mouse

    def move(back: bool) -> Times:
        # a drag keeps the events of the mouse to itself, those of the pointer go everywhere
        page.page.evaluate("wanted => { window.lyapDrag = window.lyapTimes(wanted); }", [FIGURE, "pointermove", MARKS])
        mouse.move(x if back else x + 6, y)
        return page.page.evaluate("() => window.lyapDrag")

    mouse.move(x, y)
    mouse.down()
    taken = burst_of(page, move)
    mouse.up()
    page.page.wait_for_timeout(AT_REST)
    return taken


def stops(page) -> dict[str, list[float]]:
    """Milliseconds from the Stop button to "stopped", of the pieces, and of empty trips while the run goes on."""
    taken: dict[str, list[float]] = {"stop": [], "beside": []}
    for _ in range(STOPS):
        page.press("Enter", on=".lyap-measure")
        page.find(".lyap-run").filter(has_text="%").first.wait_for()
        page.page.wait_for_timeout(500)
        taken["beside"].append(key(page, ".empty", ".echo", ["value"], back=False)["first"])
        taken["stop"].append(page.page.evaluate(STOP))
        page.page.wait_for_timeout(AT_REST)
    taken["piece"] = page.python("lengths")
    return taken


# --- tables --------------------------------------------------------------------------------------------------------


def print_latency(readings: Mapping[str, list[Times]]) -> None:
    """Ratios of everything to the empty round trip of the stock server."""
    first = {name: [times["first"] for times in taken] for name, taken in readings.items()}
    last = {name: [times["last"] for times in taken] for name, taken in readings.items()}
    print(f"The empty round trip of the stock server took {median(first['stock']):.0f} ms; ratios to it:")
    print(f"{'prompt, empty':18s} {ratio(first, 'prompt', 'stock'):.2f}")
    print("                   key to figure   to its last mark   drag to orbit   to its last mark")
    for subject in SUBJECTS:
        row = []
        for name in (subject.name, f"drag {subject.name}"):
            row.append(ratio(first, name, "stock"))
            row.append(ratio({name: last[name], "stock": first["stock"]}, name, "stock"))
        print(f"{subject.name:18s} {row[0]:14.2f} {row[1]:18.2f} {row[2]:15.2f} {row[3]:18.2f}", flush=True)
    print(f"(goal of the first column: at most {GOAL})")


def print_parts(readings: Mapping[str, list[Times]]) -> None:
    """Where the time goes, in the same unit, and what dominates where the goal is missed."""
    unit = median(times["first"] for times in readings["stock"])
    print("\nwhere it goes      key to wire   kernel and wire   page, until it changes")
    for name, taken in readings.items():
        parts = {
            "the slider in the page": [times.get("sent", math.nan) for times in taken],
            "the kernel and the wire": [times.get("back", math.nan) - times.get("sent", math.nan) for times in taken],
            "the page's drawing": [times["first"] - times.get("back", math.nan) for times in taken],
        }
        shares = {part: median(values) / unit for part, values in parts.items()}
        a, b, c = shares.values()
        high = median(times["first"] for times in taken) > GOAL * unit and name != "stock"
        word = f"   above {GOAL}: {max(shares, key=shares.get)} dominates" if high else ""
        print(f"{name:22s} {a:6.2f} {b:15.2f} {c:20.2f}{word}", flush=True)


def print_stops(pages: Mapping[str, object], *, empty: float) -> None:
    """From Stop to stopped, and what the page is worth meanwhile."""
    print("\n                   Stop to stopped / empty   / length of a piece   empty trip during a run / stock, idle")
    for subject in SUBJECTS:
        taken = stops(pages[subject.name])
        stop, piece, beside = (median(taken[name]) for name in ("stop", "piece", "beside"))
        print(f"{subject.name:18s} {stop / empty:18.2f} {stop / piece:20.2f} {beside / empty:30.2f}", flush=True)

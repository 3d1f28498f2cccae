"""Latency of the widgets, in a real JupyterLab and Chromium, against the empty round trip of a stock Jupyter server.

The yardstick is a slider that sets a Label, on a server without lyaplab's prompt websockets. Bursts of moves of
everything come in turn, so that a busy moment of the machine meets all of them. Times are taken in the page, from a
key, a move of the mouse or a click to the change of what is seen; no polling, no Python in between.
"""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.clock import ratio

BURSTS, STOPS = 5, 9
# Moves of a burst, and how many before them are not counted. The pace of the empty trips matters: after a pause, TCP
# acknowledges a dozen packets at once, and the delay that a moving hand meets on a stock server is not seen.
EMPTY_MOVES, EMPTY_LEAD, MOVES, LEAD = 20, 10, 7, 1
GOAL = 0.6
# Milliseconds without a change that end a reading: a picture's marks come closer together than CALM; after REST what
# a move leaves to be done later (the full picture) is over, and cannot be taken for the answer to the next move.
CALM, REST = 40, 450

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
"""

# Resolves to milliseconds from the event: `first` and `last` change of what is watched (the last of the first picture),
# `final` change (of all that is left to be done later), `sent` when the news left the page, `back` when the first
# answer about a value in `keys` was there; null when nothing changes for ten seconds.
WATCH = """() => { window.lyapTimes = ([watched, event, keys, calm, rest]) => new Promise(done => {
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
KEY = """([slider, key, wanted]) => {
  const times = window.lyapTimes(wanted);
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
SHOW = """() => new Promise(done => {
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
MARKS = ["x", "y", "image"]
EMPTY_TRIP = (".empty", "ArrowRight", [".echo", "keydown", ["value"], CALM, CALM])
PARTS = {"to wire": "the slider in the page", "kernel": "the kernel", "page": "the page's drawing"}
Times = dict[str, float]


@dataclass(frozen=True)
class Subject:
    """A widget that is measured: its name in the table, the source that makes it, its knob, what of it is watched."""

    name: str
    source: str
    knob: str
    watched: str = FIGURE
    stops: bool = True  # whether it has a long run, with a Stop button


SUBJECTS = (
    Subject("Cobweb, tanh", "ll.Cobweb('tanh', preset='unit-bistable')", "w"),
    Subject("PhasePlane, map", "ll.PhasePlane('tanh', preset='bistable')", "w11"),
    Subject("PhasePlane, flow", "ll.PhasePlane('rate', preset='bistable')", "w11"),
    Subject("StateSpace, n=64", "ll.StateSpace('tanh')", "gain"),
    Subject("Chaos, N = 100", "ll.ChaosTransition('tanh', preset='chaos')", "gain", FIGURES),
    # the marker; then another knob, which makes the whole diagram anew
    Subject("Bifurcation", "ll.Bifurcation('logistic', span=[2.8, 4.0])", "r"),
    Subject("Bifurcation, all", "ll.Bifurcation('henon', preset='two-cycle')", "b"),
    Subject("Meter, henon", "ll.SpectrumMeter('henon', now=4)", "a"),
    Subject("Meter, n = 100", "ll.SpectrumMeter('tanh', preset='large')", "gain"),
    Subject("Gradients, n = 2", "ll.GradientLag('tanh', preset='chaos', box=10)", "w11", FIGURES, stops=False),
    Subject("Gradients, n = 50", "ll.GradientLag('tanh', n=50, preset='chaos', box=10)", "gain", FIGURES, stops=False),
    # a step of the clock; then a training that begins anew
    Subject("Outlier, a step", "ll.OutlierLab(preset='oscillator', t=200)", "t", FIGURES, stops=False),
    Subject("Outlier, N = 100", "ll.OutlierLab(preset='oscillator')", "g", FIGURES),
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
        empty = median(reading["first"] for reading in readings["stock"])
        print_stops(pages, empty=empty)
        print_report(open_notebook([EMPTY, REPORT, "trip"], prompt=True), empty=empty)


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
    """Medians of bursts of each thing: the empty trips, keys for each widget, drags for each widget."""
    subjects = {subject.name: subject for subject in SUBJECTS}
    readings: dict[str, list[Times]] = {}
    for burst in range(-1, BURSTS):  # the first one only warms up
        for name, page in pages.items():
            if name in subjects:
                taken = {name: turns(page, subjects[name]), f"drag {name}": drags(page)}
            else:
                taken = {name: [key(page, *EMPTY_TRIP) for _ in range(EMPTY_LEAD + EMPTY_MOVES)][EMPTY_LEAD:]}
            for thing, times in taken.items():
                if burst >= 0 and times:
                    readings.setdefault(thing, []).append(middle(times))
    return readings


def middle(taken: list[Times | None]) -> Times:
    """Median of each time and of each part; readings in which nothing changed are left out."""
    found = [times for times in taken if times is not None]
    for times in found:
        sent, back = times.get("sent", math.nan), times.get("back", math.nan)
        times |= {"to wire": sent, "kernel": back - sent, "page": times["first"] - back}
    return {part: median(times[part] for times in found) for part in ("first", "last", "final", *PARTS)}


def turns(page, subject: Subject) -> list[Times | None]:
    """Keys on a knob's slider, there and back in turn."""
    slider, wanted = f".lyap-knob-{subject.knob}", [subject.watched, "keydown", MARKS, CALM, REST]
    return [key(page, slider, ("ArrowRight", "ArrowLeft")[i % 2], wanted) for i in range(LEAD + MOVES)][LEAD:]


def key(page, slider: str, name: str, wanted: list[object]) -> Times | None:
    """One key on a slider."""
    return page.page.evaluate(KEY, [slider, name, wanted])


def drags(page) -> list[Times | None]:
    """Moves of the mouse that holds a start, there and back in turn; the orbit follows. Empty where nothing is held."""
    grip = page.find(".dot[style*='--lyap-grip']").first
    if not grip.count():
        return []
    grip.scroll_into_view_if_needed()
    box = grip.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse, taken = page.page.mouse, []
    # a drag keeps the events of the mouse to itself, those of the pointer go everywhere
    wanted = [FIGURE, "pointermove", MARKS, CALM, REST]
    mouse.move(x, y)
    mouse.down()
    for i in range(LEAD + MOVES):
        page.page.evaluate("wanted => { window.lyapDrag = window.lyapTimes(wanted); }", wanted)
        mouse.move(x if i % 2 else x + 6, y)
        taken.append(page.page.evaluate("() => window.lyapDrag"))
    mouse.up()
    page.page.wait_for_timeout(REST)
    return taken[LEAD:]


def stops(page) -> dict[str, list[float]]:
    """Milliseconds from the Stop button to "stopped", of the pieces, and of empty trips while the run goes on."""
    taken: dict[str, list[float]] = {"stop": [], "beside": []}
    page.python("run_for_ever()")
    for _ in range(STOPS):
        page.press("Enter", on=".lyap-measure")
        page.find(".lyap-run").filter(has_text="%").first.wait_for()
        page.page.wait_for_timeout(500)
        taken["beside"].append(key(page, *EMPTY_TRIP)["first"])
        taken["stop"].append(page.page.evaluate(STOP))
        page.page.wait_for_timeout(REST)
    taken["piece"] = page.python("lengths")
    return taken


# --- tables --------------------------------------------------------------------------------------------------------


def print_latency(readings: Mapping[str, list[Times]]) -> None:
    """Ratios of everything to the empty round trip of the stock server."""
    first = {name: [times["first"] for times in taken] for name, taken in readings.items()}
    last = {name: [times["last"] for times in taken] for name, taken in readings.items()}
    last["stock"] = first["stock"]
    print(f"The empty round trip of the stock server took {median(first['stock']):.0f} ms; ratios to it:")
    print(f"{'prompt, empty':18s} {ratio(first, 'prompt', 'stock'):14.2f}")
    final = {name: [times["final"] for times in taken] for name, taken in readings.items()} | {"stock": first["stock"]}
    print("                   key to figure   to its last mark   refined   drag to orbit   to its last mark")
    for subject in SUBJECTS:
        row = [ratio(t, subject.name, "stock") for t in (first, last, final)]
        drag = f"drag {subject.name}"
        held = [f"{ratio(t, drag, 'stock'):.2f}" if drag in readings else "–" for t in (first, last)]
        print(
            f"{subject.name:18s} {row[0]:14.2f} {row[1]:18.2f} {row[2]:9.2f} {held[0]:>15s} {held[1]:>18s}", flush=True
        )
    print(f"(goal of the first column: at most {GOAL}; refined: all that comes later, 150 ms of rest included)")


def print_parts(readings: Mapping[str, list[Times]]) -> None:
    """Where the time goes, in the same unit, and what dominates where the goal is missed."""
    unit = median(times["first"] for times in readings["stock"])
    print("\nwhere it goes          key to wire   kernel and wire   page, until it changes")
    for name, taken in readings.items():
        shares = {words: median(times[part] for times in taken) / unit for part, words in PARTS.items()}
        a, b, c = shares.values()
        high = median(times["first"] for times in taken) > GOAL * unit and name != "stock"
        word = f"   above {GOAL}: {max(shares, key=shares.get)} dominates" if high else ""
        print(f"{name:22s} {a:11.2f} {b:17.2f} {c:24.2f}{word}", flush=True)


def print_stops(pages: Mapping[str, object], *, empty: float) -> None:
    """From Stop to stopped, and what the page is worth meanwhile."""
    print("\n                   Stop to stopped / empty   / length of a piece   empty trip during a run / stock, idle")
    for subject in (subject for subject in SUBJECTS if subject.stops):
        taken = stops(pages[subject.name])
        stop, piece, beside = (median(taken[name]) for name in ("stop", "piece", "beside"))
        print(f"{subject.name:18s} {stop / empty:18.2f} {stop / piece:20.2f} {beside / empty:30.2f}", flush=True)


def print_report(page, *, empty: float) -> None:
    """From a click to a report's page, made anew and painted."""
    taken = [page.page.evaluate(SHOW) for _ in range(LEAD + MOVES)][LEAD:]
    print(f"\nreport of 64 units: click to its page, painted / empty {median(taken) / empty:.2f}")

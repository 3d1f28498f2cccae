"""Latency of the widgets, in a real JupyterLab and Chromium, against the empty round trip of a stock Jupyter server.

The yardstick is a slider that sets a Label, on a server without lyaplab's prompt websockets. Bursts of moves of
everything come in turn, so that a busy moment of the machine meets all of them. How a time is taken: page.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from benchmarks.clock import ratio
from benchmarks.page import (
    EMPTY,
    ENDLESS,
    FIGURE,
    FIGURES,
    REPORT,
    REST,
    Times,
    drag,
    empty_trip,
    notebooks,
    show,
    stop,
    turn,
)

BURSTS, STOPS = 5, 9
# Moves of a burst, and how many before them are not counted. The pace of the empty trips matters: after a pause, TCP
# acknowledges a dozen packets at once, and the delay that a moving hand meets on a stock server is not seen.
EMPTY_MOVES, EMPTY_LEAD, MOVES, LEAD = 20, 10, 7, 1
GOAL = 0.6

PARTS = {"to wire": "the slider in the page", "kernel": "the kernel", "page": "the page's drawing"}


@dataclass(frozen=True)
class Subject:
    """A widget that is measured: its name in the table, the source that makes it, its knob, what of it is watched."""

    name: str
    source: str
    knob: str
    watched: str = FIGURE
    answers: str = FIGURE  # what is watched while something is dragged
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
    # half way between two shipped runs: a move shows the other one
    Subject("Forcing lab", "ll.ForcingLab('lorenz63', tau=21)", "tau", FIGURES, FIGURES),
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


# --- readings ------------------------------------------------------------------------------------------------------


def moves(pages: Mapping[str, object]) -> dict[str, list[Times]]:
    """Medians of bursts of each thing: the empty trips, keys for each widget, drags for each widget."""
    subjects = {subject.name: subject for subject in SUBJECTS}
    readings: dict[str, list[Times]] = {}
    for burst in range(-1, BURSTS):  # the first one only warms up
        for name, page in pages.items():
            if name in subjects:
                taken = {name: turns(page, subjects[name]), f"drag {name}": drags(page, subjects[name])}
            else:
                taken = {name: [empty_trip(page) for _ in range(EMPTY_LEAD + EMPTY_MOVES)][EMPTY_LEAD:]}
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
    keys = [("ArrowRight", "ArrowLeft")[i % 2] for i in range(LEAD + MOVES)]
    return [turn(page, subject.knob, key, subject.watched) for key in keys][LEAD:]


def drags(page, subject: Subject) -> list[Times | None]:
    """Moves of the mouse that holds a start; the orbit follows."""
    return drag(page, LEAD + MOVES, subject.answers)[LEAD:]


def stops(page) -> dict[str, list[float]]:
    """Milliseconds from the Stop button to "stopped", of the pieces, and of empty trips while the run goes on."""
    taken: dict[str, list[float]] = {"stop": [], "beside": []}
    page.python("run_for_ever()")
    for _ in range(STOPS):
        page.press("Enter", on=".lyap-measure")
        page.find(".lyap-run").filter(has_text="%").first.wait_for()
        page.page.wait_for_timeout(500)
        taken["beside"].append(empty_trip(page)["first"])
        taken["stop"].append(stop(page))
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
        stopped, piece, beside = (median(taken[name]) for name in ("stop", "piece", "beside"))
        print(f"{subject.name:18s} {stopped / empty:18.2f} {stopped / piece:20.2f} {beside / empty:30.2f}", flush=True)


def print_report(page, *, empty: float) -> None:
    """From a click to a report's page, made anew and painted."""
    taken = [show(page) for _ in range(LEAD + MOVES)][LEAD:]
    print(f"\nreport of 64 units: click to its page, painted / empty {median(taken) / empty:.2f}")

"""Widgets over a long lesson: many moves, long runs, errors, and their end leave nothing behind.

All widgets share a notebook wherever they can: to open one takes longer than what is done in it. What the widgets'
own tests show of one of them (its Stop button, its error box) is not repeated here.
"""

from __future__ import annotations

import re

import pytest

WORDS = ".lyap-words .widget-html-content"
ALERT = ".lyap-error [role=alert]"
FIELD = ".lyap-figure >> nth=0 >> .curve .line >> nth=0"

# Each widget: how it is made, a knob that is turned, and one that leaves a long run as it is; "" where none does.
VIEWS = {
    "cobweb": ("ll.Cobweb('logistic', r=3.2)", "r", "steps"),
    "plane": ("ll.PhasePlane('tanh', preset='bistable')", "w11", "steps"),
    "flow": ("ll.PhasePlane('rate', preset='bistable')", "w11", "steps"),
    "space": ("ll.StateSpace('tanh', n=16, steps=300)", "gain", "azimuth"),
    # the first knob makes the whole diagram anew
    "diagram": ("ll.Bifurcation('tanh', w=2.0, over='b', span=[-1.0, 1.0])", "w", "b"),
    "transition": ("ll.ChaosTransition('tanh', n=20, gain=1.8, steps=100)", "gain", "gain"),
    "meter": ("ll.SpectrumMeter('henon', now=4)", "a", "now"),
    "gradients": ("ll.GradientLag('tanh', preset='chaos', box=10)", "w11", ""),
    "lab": ("ll.ForcingLab('lorenz63', tau=21)", "tau", "azimuth"),
    # the first knob begins a training anew
    "outlier": ("ll.OutlierLab(preset='oscillator', n=20)", "g", ""),
}
ALL = "\n".join(f"{name} = {made}; {name}.add_class('my-{name}')" for name, (made, *_) in VIEWS.items())
ALL += f"\nbox = W.VBox([{', '.join(VIEWS)}])\ndisplay(box)"

# Moves that warm up, and moves that are looked at. The counts below are nearly exact: what a move leaves behind shows
# after a few of them.
WARM_UP, MOVES = 20, 20
# By how much each may grow with all moves of a widget: DOM nodes (of the whole page, seen or not) and listeners, MB of
# the page's heap, arrays and texts of more than 512 bytes in the kernel, blocks of Python's memory. What compiled code
# might leak shows in the resident memory alone, which is a rough measure.
ROOM = {"nodes": 14, "listeners": 8, "page MB": 1.5, "arrays": 8, "blocks": 1500, "kernel MB": 40}

# What the kernel holds. Threads of ours are waited for, since the last words may still be on their way. A view that
# something observes, or that a thread holds, counts after its end; ipykernel itself holds threads that have ended for
# ten seconds, and what they ran with them.
CENSUS = """
import gc, sys, threading, time
import ipywidgets as W
import lyaplab as ll
import numpy as np
from comm import get_comm_manager
from lyaplab.widgets._explorer import Explorer

def ours():
    return [thread for thread in threading.enumerate() if thread.name.startswith("lyaplab")]

def views():
    gc.collect()
    return sum(isinstance(thing, Explorer) for thing in gc.get_objects())

def rest(view):
    view.settle()
    return all(run.wait(60) for run in view._runs)

def held():
    gc.collect()
    blocks = sys.getallocatedblocks()
    parts = {id(part): part for thing in gc.get_objects() for part in gc.get_referents(thing)
             if isinstance(part, (np.ndarray, bytes))}
    return {"blocks": blocks, "arrays": sum(sys.getsizeof(part) > 512 or getattr(part, "nbytes", 0) > 512
                                            for part in parts.values())}

def census(*, open=1):
    patience, quiet = time.monotonic() + 30, 0
    while True:
        count, alive = views(), threading.enumerate()
        found = {"threads": len(alive), "ours": sum(thread.name.startswith("lyaplab") for thread in alive),
                 "comms": len(get_comm_manager().comms), "views": count}
        quiet = quiet + 1 if not found["ours"] and count <= open else 0
        if quiet == 2 or time.monotonic() > patience:  # the page may still have had something to say
            return found
        time.sleep(0.15)
"""

# Counts the pieces of a widget's long run that end after Stop. It goes on for ever, so that Stop never comes too late.
ENDLESS = """
from dataclasses import replace
late = []

def endless(begin):
    def begun(self):
        job = begin(self)
        def pieces(stop):
            while not stop.is_set():
                for partial in job.pieces(stop):
                    late.append(stop.is_set())
                    yield partial
        return replace(job, pieces=pieces)
    return begun

ll.Cobweb._measure = endless(ll.Cobweb._measure)
ll.PhasePlane._refine = endless(ll.PhasePlane._refine)
ll.StateSpace._find = endless(ll.StateSpace._find)
ll.Bifurcation._refine = endless(ll.Bifurcation._refine)
ll.ChaosTransition._sweep = endless(ll.ChaosTransition._sweep)
ll.SpectrumMeter._measure = endless(ll.SpectrumMeter._measure)
ll.ForcingLab._learn = endless(ll.ForcingLab._learn)
"""


def wait_for_words(page, text: str) -> None:
    page.find(WORDS).filter(has_text=text).first.wait_for()


def wait_for_run(page, name: str, text: str) -> None:
    page.find(f".my-{name} .lyap-run").filter(has_text=text).first.wait_for()


def wait_until_drawn(page, *names: str) -> None:
    """Wait until widgets have spoken: that comes after their pictures."""
    for name in names:
        page.find(f".my-{name} {WORDS}").filter(has_text=re.compile(r"\w")).first.wait_for()


def to_and_fro(page, name: str, times: int) -> None:
    """Move a widget's slider by keys, ten steps up, ten down; every other step is drawn before the next one comes."""
    slider = f".my-{name} .lyap-knob-{VIEWS[name][1]} .noUi-handle"
    page.find(slider).first.focus()
    for number in range(times):
        page.press("ArrowLeft" if number // 10 % 2 else "ArrowRight")
        if number % 2:
            page.python(f"{name}._schedule.flush()")


def there(page, name: str) -> tuple[dict[str, int], dict[str, float]]:
    """What there is when a widget has come to rest: what moves must not change, and what they may by a little."""
    assert page.python(f"rest({name})")
    census = page.python(f"census(open={len(VIEWS)})")
    heap = page.heap()
    counters = page.devtools.send("Memory.getDOMCounters")
    grows = {"nodes": counters["nodes"], "listeners": counters["jsEventListeners"], "page MB": heap}
    return census, {**grows, **page.python("held()"), "kernel MB": page.kernel_memory()}


def test_many_moves_leave_nothing_behind(notebook):
    page = notebook([CENSUS, ALL], size=(1280, 1000))
    wait_until_drawn(page, *VIEWS)
    for name in VIEWS:
        to_and_fro(page, name, WARM_UP)  # whatever is made once is made now
        census, before = there(page, name)
        to_and_fro(page, name, MOVES)
        census_after, after = there(page, name)
        assert census_after == census, name
        assert census["ours"] == 0, name
        grown = {what: after[what] - before[what] for what in ROOM}
        assert all(grown[what] < room for what, room in ROOM.items()), (name, grown)
    page.assert_clean()


def test_stop_ends_a_run_before_its_next_piece_and_others_answer_meanwhile(notebook):
    own = """
mine, echo = W.IntSlider(), W.Label("-")
mine.add_class("mine"); echo.add_class("echo")
mine.observe(lambda change: setattr(echo, "value", f"heard {change.new}"), "value")
display(W.VBox([mine, echo]))
"""
    page = notebook([CENSUS, ENDLESS, own, ALL], size=(1280, 2400))
    wait_until_drawn(page, *VIEWS)
    wait_for_run(page, "diagram", "%")  # it begins by itself, and would take its share of all that follows
    page.press("Enter", on=".my-diagram .lyap-stop")
    wait_for_run(page, "diagram", "stopped")
    running = {name: knob for name, (_, _, knob) in VIEWS.items() if knob}
    for number, (name, knob) in enumerate(running.items(), start=1):
        page.python("late.clear()")
        page.press("Enter", on=f".my-{name} .lyap-measure")
        wait_for_run(page, name, "%")
        page.press("ArrowRight", on=".mine .noUi-handle")
        page.find(".echo").filter(has_text=f"heard {number}").wait_for()
        box = page.find(f".my-{name} .lyap-knob-{knob} input").first
        before = box.input_value()
        page.press("ArrowRight", on=f".my-{name} .lyap-knob-{knob} .noUi-handle")
        page.page.wait_for_function("([box, value]) => box.value !== value", arg=[box.element_handle(), before])
        assert page.python(f"{name}._runs[0].worker.running"), name
        page.press("Enter", on=f".my-{name} .lyap-stop")
        wait_for_run(page, name, "stopped")
        assert page.python(f"{name}._runs[0].wait(10)")
        assert page.python("sum(late)") <= 1, name  # the piece that was under way
    page.assert_clean()


def test_errors_show_as_one_line_and_the_next_good_value_clears_them(notebook):
    fragile = """
class Fragile(ll.PhasePlane):
    def _draw(self, coarse):
        if self.w11 > 1.0:
            raise RuntimeError("no\\nfurther")
        super()._draw(coarse)
view = Fragile("tanh", preset="invariant-circle")
view"""
    page = notebook([CENSUS, fragile])
    wait_for_words(page, "fixed point")
    alert, field = page.find(ALERT), page.find(FIELD).first
    slider = ".lyap-knob-w11 .noUi-handle"
    # in the picture: the last good one stays
    page.press("ArrowRight", times=8, on=slider)
    alert.filter(has_text="RuntimeError: no further").first.wait_for()
    good = field.get_attribute("d")
    page.press("ArrowRight", on=slider)
    page.python("view.settle()")
    assert field.get_attribute("d") == good
    assert "\n" not in alert.first.inner_text().strip()
    assert page.python("view.numbers()['fixed_points'].size") > 0
    page.press("ArrowLeft", times=9, on=slider)
    alert.first.wait_for(state="detached")
    # in a button: there is no basin to refine on an invariant circle
    page.press("Enter", on=".lyap-measure")
    alert.filter(has_text="no basin to refine").first.wait_for()
    page.press("ArrowLeft", on=slider)
    alert.first.wait_for(state="detached")
    assert field.get_attribute("d") != good
    page.assert_clean()


def test_closing_in_the_middle_of_everything_leaves_no_thread_no_observer_and_no_view(notebook):
    first = "first = ll.Cobweb('logistic')\ndisplay(first)"
    page = notebook([CENSUS, ENDLESS, first, "pass", "pass"], size=(1280, 2400))
    page.press("ArrowRight", on=".lyap-knob-r .noUi-handle")  # ipykernel makes its threads for widgets now
    wait_for_words(page, "r = ")
    page.run_cell(3, "first.close()\ndel first")
    before = page.python("census(open=0)")
    page.run_cell(3, ALL)
    wait_until_drawn(page, *VIEWS)
    page.press("Enter", on=".my-plane .lyap-play")
    page.find(".my-plane .lyap-play").filter(has_text="Pause").first.wait_for()
    for name in [name for name, (_, _, knob) in VIEWS.items() if knob and name not in ("plane", "flow")]:
        page.press("Enter", on=f".my-{name} .lyap-measure")
        wait_for_run(page, name, "%")
    assert page.python("len(ours()) >= 6")
    close = "; ".join(f"{name}.close()" for name in VIEWS)
    page.run_cell(4, f"{close}; plane.close()\nstill = len(ours())")
    page.run_cell(4, f"box.layout.close(); box.close()\ndel box, {', '.join(VIEWS)}")
    assert page.python("still") == 0
    page.find(".lyap-explorer").first.wait_for(state="detached")
    assert page.find(".lyap-explorer").count() == 0
    assert page.python("census(open=0)") == before
    page.assert_clean()


def test_a_knob_links_both_ways_in_the_page(notebook):
    linked = """
mine = W.FloatSlider(min=-3, max=3, value=1.5, step=0.1)
mine.add_class("mine")
view = ll.PhasePlane("tanh", preset="bistable")
W.jslink((mine, "value"), (view, "w11"))
W.VBox([mine, view])"""
    page = notebook([CENSUS, linked])
    wait_for_words(page, "w11 = 1.5")
    page.press("ArrowRight", times=3, on=".mine .noUi-handle")
    wait_for_words(page, "w11 = 1.8")
    page.press("Enter", on=".lyap-reset")
    page.find(".mine .widget-readout").filter(has_text="1.40").wait_for()
    page.wait_until(lambda: page.python("[mine.value, view.w11]") == pytest.approx([1.4, 1.4]))
    page.assert_clean()

"""Widgets over a long lesson: hundreds of moves, long runs, errors, and their end leave nothing behind.

What test_cobweb.py and test_phase_plane.py show of one widget (the cobweb's memory, its Stop, its error) is not
repeated here.
"""

from __future__ import annotations

import pytest

COBWEB, PLANE = ".lyap-cobweb", ".lyap-phase-plane"
WORDS = ".lyap-words .widget-html-content"
ALERT = ".lyap-error [role=alert]"
FIELD = ".lyap-figure >> nth=0 >> .curve .line >> nth=0"
ROOM = 20  # MB

# What the kernel holds. Threads of ours are waited for, since the last words may still be on their way. A view that
# something observes, or that a thread holds, counts after its end; ipykernel itself holds threads that have ended for
# ten seconds, and what they ran with them.
CENSUS = """
import gc, threading, time
import ipywidgets as W
import lyaplab as ll
from comm import get_comm_manager
from lyaplab.widgets._explorer import Explorer

def ours():
    return [thread for thread in threading.enumerate() if thread.name.startswith("lyaplab")]

def views():
    gc.collect()
    return sum(isinstance(thing, Explorer) for thing in gc.get_objects())

def census(*, open=1):
    patience = time.monotonic() + 30
    while (ours() or views() > open) and time.monotonic() < patience:
        time.sleep(0.3)
    return {"threads": threading.active_count(), "ours": len(ours()), "comms": len(get_comm_manager().comms),
            "views": views()}
"""

# Counts the pieces of a widget's long run that end after Stop. It goes on for ever, so that Stop never comes too late.
ENDLESS = """
from dataclasses import replace
late = []

def endless(begin):
    def begun(self):
        job = begin(self)
        def pieces(stop):
            while True:
                for partial in job.pieces(stop):
                    late.append(stop.is_set())
                    yield partial
        return replace(job, pieces=pieces)
    return begun

ll.Cobweb._measure = endless(ll.Cobweb._measure)
ll.PhasePlane._refine = endless(ll.PhasePlane._refine)
"""

BOTH = """
cobweb, plane = ll.Cobweb("logistic", r=3.2), ll.PhasePlane("tanh", preset="bistable")
display(cobweb, plane)
"""


def wait_for_words(page, text: str) -> None:
    page.find(WORDS).filter(has_text=text).first.wait_for()


def wait_for_run(page, root: str, text: str) -> None:
    page.find(f"{root} .lyap-run").filter(has_text=text).first.wait_for()


def to_and_fro(page, handle: str, times: int) -> None:
    """Move a slider by keys: ten steps up, ten steps down, and so on."""
    for _ in range(times // 20):
        page.press("ArrowRight", times=10, on=handle)
        page.press("ArrowLeft", times=10, on=handle)


def elements(page) -> int:
    return page.find(".lyap-explorer").first.evaluate("root => root.querySelectorAll('*').length")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("opening", "knob"),
    [
        ("ll.Cobweb('logistic', r=3.2)", "r"),
        ("ll.PhasePlane('tanh', preset='bistable')", "w11"),
        ("ll.PhasePlane('rate', preset='bistable')", "w11"),
    ],
    ids=["cobweb", "map", "flow"],
)
def test_five_hundred_moves_leave_nothing_behind(notebook, opening, knob):
    page = notebook([CENSUS, f"view = {opening}\nview"])
    wait_for_words(page, "fixed point")
    handle = f".lyap-knob-{knob} .noUi-handle"

    def rested() -> dict[str, float]:
        page.python("view.settle()")
        return {**page.python("census()"), "elements": elements(page)}

    to_and_fro(page, handle, 60)  # whatever is made once is made now
    before = rested()
    heap, memory = page.heap(), page.kernel_memory()
    to_and_fro(page, handle, 500)
    after = rested()
    assert after == before
    assert after["ours"] == 0
    assert page.heap() - heap < ROOM
    assert page.kernel_memory() - memory < ROOM
    page.assert_clean()


def test_stop_ends_a_run_before_its_next_piece_and_others_answer_meanwhile(notebook):
    own = """
mine, echo = W.IntSlider(), W.Label("-")
mine.add_class("mine"); echo.add_class("echo")
mine.observe(lambda change: setattr(echo, "value", f"heard {change.new}"), "value")
display(W.VBox([mine, echo]))
"""
    page = notebook([CENSUS, ENDLESS, own, BOTH], size=(1280, 2400))
    wait_for_words(page, "r = 3.2")
    for number, (root, name) in enumerate(((COBWEB, "cobweb"), (PLANE, "plane")), start=1):
        page.press("Enter", on=f"{root} .lyap-measure")
        wait_for_run(page, root, "%")
        page.press("ArrowRight", on=".mine .noUi-handle")
        page.find(".echo").filter(has_text=f"heard {number}").wait_for()
        steps = page.python(f"{name}.steps")
        page.press("ArrowRight", on=f"{root} .lyap-knob-steps .noUi-handle")
        page.page.wait_for_function(
            "([root, steps]) => +document.querySelector(root + ' .lyap-knob-steps input').value === steps",
            arg=[root, steps + 1],
        )
        assert page.python(f"{name}._run.worker.running")
        page.press("Enter", on=f"{root} .lyap-stop")
        wait_for_run(page, root, "stopped")
        assert page.python(f"{name}._run.wait(10)")
        assert page.python("[sum(late), late.clear()][0]") <= 1  # the piece that was under way
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
    page.run_cell(3, BOTH)
    wait_for_words(page, "r = 3.2")
    page.press("Enter", on=f"{COBWEB} .lyap-measure")
    wait_for_run(page, COBWEB, "%")
    page.press("Enter", on=f"{PLANE} .lyap-play")
    page.find(f"{PLANE} .lyap-play").filter(has_text="Pause").first.wait_for()
    assert page.python("len(ours()) >= 2")
    page.run_cell(4, "cobweb.close(); plane.close(); plane.close()\nstill = len(ours())\ndel cobweb, plane")
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
    assert page.python("[mine.value, view.w11]") == pytest.approx([1.4, 1.4])
    page.assert_clean()

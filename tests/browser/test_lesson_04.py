"""Lesson 04 as a student meets it: every meter behind its prediction, one QR by hand, and a wrong answer's hint."""

from __future__ import annotations

from tests.browser.student import LESSONS, code_cells, commit, show, words

LESSON = LESSONS / "04_spectrum.ipynb"
CELLS = code_cells(LESSON)
AREA = 'lesson.predict("area"'


def cell(part: str) -> int:
    """The number of the code cell that holds this text."""
    return next(number for number, source in CELLS.items() if part in source)


# What a student commits at each gate, and what the meter behind it says.
GATES = {
    "thick": ({"choose": "a curve"}, r"lorenz63 with .* 3 exponents"),
    "noise": ({"typed": "0 0.15, 2 0.4"}, r"tanh, without input: 10 exponents"),
    "gated": ({"typed": "64"}, r"64 exponents of 32 units"),
}


def test_it_runs_untouched_and_every_meter_opens_behind_its_prediction(notebook):
    page = notebook(LESSON, seconds=300)
    page.assert_clean()
    assert page.python("(lesson.progress().done, lesson.progress().points)") == [0, 0]
    for key, (prediction, said) in GATES.items():
        words(commit(page, cell(f'lesson.predict("{key}"'), **prediction), said)
    words(show(page, cell('ll.SpectrumMeter("tanh", n=50')), "50 exponents")
    gain = show(page, cell('lesson.predict("gated"')).locator(".lyap-knob-gain input").first
    gain.fill("8")  # as far as the text asks for
    gain.press("Enter")
    words(show(page, cell('lesson.predict("gated"')), "with n = 32, gain = 8")

    by_hand = commit(page, cell(AREA), choose="it stays as it is")
    for _ in range(3):
        by_hand.locator(".lyap-step").click()
    words(by_hand, "1 QR")
    assert page.python("meter.now") == 3
    page.portraits("lesson-04-qr", f".jp-Cell[data-windowed-list-index='{cell(AREA)}']")

    check = cell('lesson.check("second"')
    page.run_cell(cell("second = ..."), "second = np.log(0.25)")
    page.run_cell(check)
    show(page, check)
    page.output(check).get_by_text("That is the growth of areas").first.wait_for()
    page.assert_clean()

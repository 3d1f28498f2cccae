"""The README's examples in a real page: they show what its picture shows.

``LYAPLAB_SHOTS=pictures python -m pytest tests/browser/test_readme_page.py`` takes the pictures anew.
"""

from __future__ import annotations

from tests.test_readme import EXAMPLES


def test_the_examples_show_their_widgets(notebook):
    page = notebook([*EXAMPLES, "view"])
    page.find(".lyap-explorer").last.wait_for()
    page.assert_clean()


def test_the_picture_of_the_phase_plane(notebook):
    page = notebook(["import lyaplab as ll", "view = ll.PhasePlane('tanh', preset='three-attractors'); view"])
    page.portraits("phase-plane", ".lyap-explorer")
    page.assert_clean()

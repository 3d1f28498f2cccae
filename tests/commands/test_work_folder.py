"""The work folder: lessons come and are kept fresh, and nothing that a learner changed is ever overwritten."""

from __future__ import annotations

import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyaplab.commands.work_folder import MANIFEST, Laid, lay_lessons

NAME = "01_fixed_points.ipynb"


@pytest.fixture
def ship(tmp_path):
    """Lay the lesson with the given content, as an install of the given version would; what happened."""
    folder = tmp_path / "work"

    def lay(content, version="0.1.0"):
        source = tmp_path / f"shipped-{version}.ipynb"
        source.write_text(content)
        return lay_lessons({NAME: source}, folder, version=version)

    lay.folder = folder
    lay.notebook = folder / NAME
    return lay


def test_lessons_are_laid_once(ship):
    assert ship("first") == Laid(new=(NAME,))
    assert ship("first") == Laid(kept=(NAME,))
    assert ship.notebook.read_text() == "first"


def test_an_untouched_notebook_is_brought_up_to_date(ship):
    ship("first")
    assert ship("second", "0.2.0") == Laid(updated=(NAME,))
    assert ship.notebook.read_text() == "second"
    assert sorted(path.name for path in ship.folder.glob("*.ipynb")) == [NAME]


def test_a_changed_notebook_is_kept_and_the_newer_lesson_laid_beside_it_once(ship):
    ship("first")
    ship.notebook.write_text("my answers")
    assert ship("first") == Laid(kept=(NAME,))
    assert ship("second", "0.2.0") == Laid(beside=("01_fixed_points-0.2.0.ipynb",))
    assert ship("second", "0.2.0") == Laid(kept=(NAME,))
    assert ship.notebook.read_text() == "my answers"
    assert (ship.folder / "01_fixed_points-0.2.0.ipynb").read_text() == "second"


def test_a_newer_lesson_that_was_removed_or_changed_stays_so(ship):
    ship("first")
    ship.notebook.write_text("my answers")
    ship("second", "0.2.0")
    beside = ship.folder / "01_fixed_points-0.2.0.ipynb"
    beside.write_text("answers in the newer one, too")
    assert ship("second, mended", "0.2.0") == Laid(beside=("01_fixed_points-0.2.0-2.ipynb",))
    assert beside.read_text() == "answers in the newer one, too"
    beside.unlink()
    assert ship("second, mended", "0.2.0") == Laid(kept=(NAME,))


def test_a_notebook_that_was_there_before_is_somebodys_own(ship):
    ship.folder.mkdir()
    ship.notebook.write_text("mine")
    assert ship("first") == Laid(beside=("01_fixed_points-0.1.0.ipynb",))
    assert ship.notebook.read_text() == "mine"


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"schema": 1, "laid": 3}', '{"schema": 99}'])
def test_a_damaged_manifest_costs_no_work(ship, damage):
    ship("first")
    ship.notebook.write_text("my answers")
    (ship.folder / MANIFEST).write_text(damage)
    ship("second", "0.2.0")
    assert ship.notebook.read_text() == "my answers"
    assert json.loads((ship.folder / MANIFEST).read_text())["schema"] == 1


def test_a_deleted_notebook_comes_back(ship):
    ship("first")
    ship.notebook.unlink()
    assert ship("first") == Laid(new=(NAME,))


def test_a_file_in_the_way_is_an_error_and_stays(tmp_path):
    (tmp_path / "work").write_text("a file")
    with pytest.raises(OSError):
        lay_lessons({}, tmp_path / "work", version="0.1.0")
    assert (tmp_path / "work").read_text() == "a file"


def test_several_at_once_lay_each_lesson_once(tmp_path):
    source = tmp_path / "shipped.ipynb"
    source.write_text("first")
    outcomes = []

    def lay():
        outcomes.append(lay_lessons({NAME: source}, tmp_path / "work", version="0.1.0"))

    threads = [threading.Thread(target=lay) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [Laid(kept=(NAME,))] * 3 + [Laid(new=(NAME,))]


@given(st.lists(st.one_of(st.integers(0, 3), st.text("ab", min_size=1, max_size=2)), max_size=8))
def test_whatever_happens_in_whatever_order_no_answer_is_lost(tmp_path_factory, events):
    """A number ships that version of the lesson; a text is what the learner writes into the notebook."""
    folder = tmp_path_factory.mktemp("folder")
    source, notebook = folder / "shipped.ipynb", folder / "work" / NAME
    written = None
    for event in events:
        if isinstance(event, str):
            notebook.parent.mkdir(exist_ok=True)
            notebook.write_text(event)
            written = event
        else:
            source.write_text(f"lesson {event}")
            lay_lessons({NAME: source}, folder / "work", version=f"0.{event}")
    if written is not None:
        assert notebook.read_text() == written

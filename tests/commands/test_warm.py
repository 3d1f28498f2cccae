"""``lyaplab warm --lessons``: as much as the lessons need, and no more."""

from __future__ import annotations

import pytest

import lyaplab as ll
from lyaplab.commands.warm import cells_of_lessons, lessons_train


def test_lessons_name_some_cells_and_not_all():
    named = cells_of_lessons()
    assert {"tanh", "logistic"} <= set(named) < set(ll.cells())


def test_a_cell_is_named_where_its_name_stands_in_quotes(tmp_path, monkeypatch):
    folder = tmp_path / "09_own"
    folder.mkdir()
    (folder / "lesson.md").write_text("See the tent, and `ll.Model('ikeda')`.", encoding="utf-8")
    (folder / "exercises.py").write_text('NET = "henon"', encoding="utf-8")
    monkeypatch.setattr("lyaplab.school.lessons.lesson_folders", lambda: {"09_own": folder})
    assert cells_of_lessons() == ("henon", "ikeda")


@pytest.mark.parametrize(("line", "trains"), [("Training comes later.", False), ("net = ll.Network.random()", True)])
def test_training_is_compiled_where_a_lesson_trains(line, trains, tmp_path, monkeypatch):
    folder = tmp_path / "09_own"
    folder.mkdir()
    (folder / "lesson.md").write_text(line, encoding="utf-8")
    (folder / "exercises.py").write_text("", encoding="utf-8")
    monkeypatch.setattr("lyaplab.school.lessons.lesson_folders", lambda: {"09_own": folder})
    assert lessons_train() is trains

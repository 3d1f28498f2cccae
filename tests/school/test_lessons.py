from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lyaplab.school import Lesson, lesson, lesson_folders
from lyaplab.school import predict as predict_module

ROOT = Path(__file__).parents[2]


def test_a_lesson_by_name(toy):
    assert (toy.id, toy.title, toy.minutes, toy.version) == ("toy", "A toy lesson", 20, "3")
    assert list(toy.exercises) == ["slope", "kind", "points", "growth", "apply", "why"]
    assert "6 exercises" in repr(toy)


@pytest.mark.parametrize("name", ["tyo", "", None, 3, "../toy"])
def test_an_unknown_lesson(name):
    with pytest.raises(ValueError, match="unknown lesson"):
        lesson(name)


def test_the_nearest_lesson_is_named():
    with pytest.raises(ValueError, match="did you mean 'toy'"):
        lesson("toyy")


def test_never_from_the_working_folder(tmp_path):
    for place in (tmp_path / "mine", tmp_path / "lessons" / "mine"):
        place.mkdir(parents=True)
        (place / "exercises.py").write_text("raise RuntimeError")
    assert "mine" not in lesson_folders()


def test_an_installed_lesson_comes_first(tmp_path, monkeypatch):
    (tmp_path / "more" / "toy").mkdir(parents=True)
    (tmp_path / "more" / "toy" / "exercises.py").write_text("raise RuntimeError")
    both = f"{Path(__file__).parent / 'lessons'}{os.pathsep}{tmp_path / 'more'}"
    monkeypatch.setenv("LYAPLAB_LESSONS", both)
    assert lesson("toy").title == "A toy lesson"


def test_a_folder_without_a_plan(tmp_path):
    (tmp_path / "exercises.py").write_text("")
    with pytest.raises(ValueError, match="defines no PLAN"):
        Lesson(tmp_path)


@pytest.mark.parametrize("name", ["slopes", "newer", "", None, 3, ["slope"]])
def test_an_unknown_exercise_says_update(toy, name, capfd):
    result = toy.check(name, 1.5)
    assert (result.verdict, result.points, result.max_points, result.passed) == ("unknown", 0.0, 0.0, False)
    assert "pip install -U lyaplab" in result.hint
    assert ("`slope`" in result.hint) == (name == "slopes")
    assert result._repr_mimebundle_()["text/plain"] == "0"
    assert capfd.readouterr() == ("", "")


def test_a_broken_exercise_is_not_the_learners_fault(toy):
    object.__setattr__(toy.exercises["growth"], "reference", lambda w, h: 1 / 0)
    result = toy.check("growth", lambda w, h: 1.0)
    assert "not your answer" in result.hint and "ZeroDivisionError" in result.hint


def test_help_climbs_the_ladder(toy):
    assert repr(toy.help("slope")).startswith("A nudge: How fast")
    for _ in range(3):
        ladder = toy.help("slope")
    assert [rung.kind for rung in ladder.rungs] == ["nudge", "look", "step", "solution"]
    html = toy.help("slope")._repr_mimebundle_()["text/html"]
    assert "<pre>slope = 1.5</pre>" in html and "Run this again" not in html
    assert toy.check("slope", 1.5).help_taken == ("nudge", "look", "step", "solution")


def test_stub_and_unknown_names(toy):
    assert toy.stub("slope").startswith("slope = ...")
    for call in (toy.stub, toy.help):
        with pytest.raises(ValueError, match="unknown exercise 'slop': did you mean 'slope'"):
            call("slop")
    with pytest.raises(ValueError, match="unknown prediction"):
        toy.predict("wher")


def test_a_gate_becomes_a_widget_by_the_hook(toy, monkeypatch):
    monkeypatch.setattr(predict_module, "gate_factory", lambda gate, then: (gate.key, then))
    assert toy.predict("where", then="plot") == ("where", "plot")


def test_states_are_kept(toy):
    toy.keep_state("web", {"w": 1.5})
    assert lesson("toy").state("web") == {"w": 1.5}


def test_seeds_are_fresh_unless_a_grader_sets_one(toy, monkeypatch):
    seeds = {toy.check("growth").data["seed"] for _ in range(5)}
    assert len(seeds) == 5
    monkeypatch.setenv("LYAPLAB_CHECK_SEED", "12")
    assert toy.check("growth").data["seed"] == 12


def test_a_folder_change_does_not_move_the_progress(toy, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    toy.check("slope", 1.5)
    assert (tmp_path / ".lyaplab" / "toy.json").is_file()


def test_the_school_is_headless():
    code = (
        "import sys, lyaplab.school\n"
        "heavy = {'ipywidgets', 'bqplot', 'numba', 'IPython', 'jupytext', 'nbformat', 'nbclient', 'scipy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

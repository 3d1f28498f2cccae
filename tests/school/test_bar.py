from __future__ import annotations

import base64
import re

import pytest

from lyaplab.school import lesson


def test_it_fills(toy):
    empty = toy.progress()
    assert (empty.done, empty.total, empty.points, empty.max_points, empty.minutes_left) == (0, 9, 0, 11, 20)
    toy.check("slope", 1.5)
    toy.check("kind", "stable")
    toy.predict("where").commit("at 0")
    bar = toy.progress()
    assert (bar.done, bar.points, bar.minutes_left) == (2, 2, 16)
    assert repr(bar) == "A toy lesson: 2 of 9 done, 2 of 11 points, about 16 minutes left"
    assert 'role="progressbar"' in bar.to_html() and 'aria-valuenow="22"' in bar.to_html()


def test_an_unanswered_check_is_no_attempt(toy):
    toy.check("slope")
    assert toy._progress.exercise("slope") == {}


def test_all_done(toy):
    for exercise in toy.exercises.values():
        toy.check(exercise.name, exercise.reference if exercise.draw else exercise.right())
    for key, value in (("where", 0), ("count", 3), ("path", "0 0, 1 1")):
        toy.predict(key).commit(value)
    assert "all done" in repr(toy.progress())


def test_home_and_back(toy, tmp_path, monkeypatch):
    """What Binder forgets: the link in the page holds the whole file."""
    toy.check("slope", 1.5)
    toy.check("why", "Because.")
    html = toy.progress().download()._repr_mimebundle_()["text/html"]
    data = base64.b64decode(re.search(r"base64,([^\"]+)", html).group(1))
    (tmp_path / "new").mkdir()
    monkeypatch.chdir(tmp_path / "new")
    again = lesson("toy")
    assert again.progress().done == 0
    (tmp_path / "saved.json").write_bytes(data)
    assert again.progress().restore(tmp_path / "saved.json").done == 2
    assert again.progress().restore(data).done == 2
    assert lesson("toy")._progress.exercise("why")["answer"] == "Because."


def test_restore_takes_every_form(toy):
    download = toy.progress().download()
    assert download.filename == "toy-progress.json"
    for source in (download, download.data, download.data.decode()):
        assert toy.progress().restore(source).done == 0
    with pytest.raises(FileNotFoundError):
        toy.progress().restore("nowhere.json")


def test_its_notice_is_shown(toy, tmp_path):
    (tmp_path / ".lyaplab").write_text("a file in the way")
    result = toy.check("slope", 1.5)
    assert any("cannot be saved" in note for note in result.notes)
    assert "cannot be saved" in toy.progress().to_html()

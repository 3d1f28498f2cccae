from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from filelock import FileLock

from lyaplab.school import progress as module
from lyaplab.school.progress import Progress, progress_folder

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / ".lyaplab"


def _open(folder):
    return Progress("toy", "1", folder=folder)


def _attempt(progress, name="slope", points=1.0):
    progress.attempt(name, points=points, max_points=2, done=points == 2)


def test_it_survives_a_restart(folder):
    first = _open(folder)
    _attempt(first, points=2)
    first.help("slope", "nudge")
    first.commit("where", "at 0")
    first.keep_state("web", {"params": {"w": 1.5}})
    again = _open(folder)
    assert again.exercise("slope") == {"points": 2, "max_points": 2, "done": True, "attempts": 1, "help": ["nudge"]}
    assert again.prediction("where") == "at 0"
    assert again.state("web") == {"params": {"w": 1.5}}
    assert again.notice == ""


def test_nothing_is_written_before_there_is_something(folder):
    _open(folder)
    assert not folder.exists()


def test_two_notebooks_see_each_other(folder):
    one, two = _open(folder), _open(folder)
    _attempt(one)
    _attempt(two)
    _attempt(two, "kind")
    assert one.exercise("slope")["attempts"] == 2
    assert one.exercise("kind")["attempts"] == 1


def test_many_processes_at_once_lose_nothing(folder):
    code = (
        "import sys; from pathlib import Path; from lyaplab.school.progress import Progress\n"
        "p = Progress('toy', '1', folder=Path(sys.argv[1]))\n"
        "for k in range(25):\n"
        "    p.attempt('slope', points=1, max_points=2, done=False); p.commit(f'{sys.argv[2]}-{k}', k)\n"
    )
    command = [sys.executable, "-c", code, str(folder)]
    running = [subprocess.Popen([*command, str(k)], cwd=ROOT) for k in range(3)]
    assert [each.wait(timeout=120) for each in running] == [0, 0, 0]
    document = _open(folder).document
    assert document["exercises"]["slope"]["attempts"] == 75
    assert len(document["predictions"]) == 75


def test_many_threads_at_once_lose_nothing(folder):
    progress = _open(folder)
    threads = [threading.Thread(target=lambda: [_attempt(progress) for _ in range(10)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert progress.exercise("slope")["attempts"] == 40


def test_a_kill_in_the_middle_leaves_a_whole_file(folder):
    """The process dies between the new file and its place: the old one stands, whole."""
    _attempt(_open(folder))
    code = (
        "import os, sys; from pathlib import Path; from lyaplab.school import progress as module\n"
        "module.os.replace = lambda *_: os._exit(9)\n"
        "p = module.Progress('toy', '1', folder=Path(sys.argv[1]))\n"
        "p.attempt('slope', points=2, max_points=2, done=True)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(folder)], cwd=ROOT).returncode == 9
    again = _open(folder)
    assert again.exercise("slope")["points"] == 1
    _attempt(again, points=2)
    assert (again.exercise("slope")["points"], again.notice) == (2, "")


@pytest.mark.parametrize("damage", [b"", b"{", b"\x00" * 100, b'{"schema": 1, "exercises": 3}', b"[1, 2]"])
def test_a_damaged_file_is_moved_aside(folder, damage, capfd):
    folder.mkdir()
    (folder / "toy.json").write_bytes(damage)
    progress = _open(folder)
    assert "damaged" in progress.notice and "\n" not in progress.notice
    assert (folder / "toy.bak").read_bytes() == damage
    _attempt(progress)
    assert _open(folder).exercise("slope")["attempts"] == 1
    assert capfd.readouterr() == ("", "")


def test_a_truncated_file_does_not_overwrite_an_earlier_one_aside(folder):
    _attempt(_open(folder))
    whole = (folder / "toy.json").read_bytes()
    for size in (10, 20):
        (folder / "toy.json").write_bytes(whole[:size])
        _open(folder)
    assert (folder / "toy.bak").read_bytes() == whole[:10]
    assert (folder / "toy.bak2").read_bytes() == whole[:20]


def test_what_is_whole_of_a_damaged_file_is_kept(folder):
    _attempt(_open(folder))
    path = folder / "toy.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"states": 3}))
    assert _open(folder).exercise("slope")["attempts"] == 1


def test_a_newer_file_is_read_and_never_changed(folder):
    _attempt(_open(folder), points=2)
    path = folder / "toy.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": 99, "news": 1}))
    before = path.read_bytes()
    progress = _open(folder)
    assert progress.exercise("slope")["points"] == 2
    assert "newer" in progress.notice
    _attempt(progress, "kind")
    assert progress.exercise("kind")["attempts"] == 1
    assert path.read_bytes() == before


def test_where_nothing_can_be_written_memory_serves(tmp_path):
    (tmp_path / "file").write_text("in the way")
    progress = _open(tmp_path / "file" / ".lyaplab")
    _attempt(progress)
    _attempt(progress)
    assert progress.exercise("slope")["attempts"] == 2
    assert "memory" in progress.notice and "\n" not in progress.notice
    assert str(tmp_path) not in progress.notice


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become somebody else")
def test_in_a_read_only_folder_memory_serves():
    code = (
        "import os, sys; from pathlib import Path; from lyaplab.school.progress import Progress\n"
        "os.setuid(65534)\n"
        "p = Progress('toy', '1', folder=Path(sys.argv[1]) / '.lyaplab')\n"
        "p.attempt('slope', points=1, max_points=2, done=False)\n"
        "p.attempt('slope', points=1, max_points=2, done=False)\n"
        "print(p.exercise('slope')['attempts'], p.notice)\n"
    )
    with tempfile.TemporaryDirectory() as folder:  # not below tmp_path, which only its owner may enter
        Path(folder).chmod(0o555)
        done = subprocess.run([sys.executable, "-c", code, folder], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.startswith("2 Progress cannot be saved"), done
    assert done.stderr == ""


def test_a_file_that_cannot_be_read_is_not_replaced(folder):
    (folder / "toy.json").mkdir(parents=True)
    progress = _open(folder)
    _attempt(progress)
    assert progress.exercise("slope")["attempts"] == 1
    assert "memory" in progress.notice
    assert (folder / "toy.json").is_dir()


def test_what_could_not_be_written_is_written_later(folder, monkeypatch):
    monkeypatch.setattr(module, "LOCK_SECONDS", 0.05)
    progress = _open(folder)
    _attempt(progress)
    with FileLock(folder / "toy.json.lock"):
        _attempt(progress)
        assert progress.exercise("slope")["attempts"] == 2
        assert "another program" in progress.notice
        assert _open(folder).exercise("slope")["attempts"] == 1
    _attempt(progress)
    assert progress.notice == ""
    assert _open(folder).exercise("slope")["attempts"] == 3


def test_a_prediction_stands(folder):
    progress = _open(folder)
    progress.commit("where", "at 0")
    _open(folder).commit("where", "at 1")
    assert progress.prediction("where") == "at 0"


def test_a_state_that_cannot_be_kept_is_refused(folder):
    progress = _open(folder)
    with pytest.raises(ValueError, match="state 'web'"):
        progress.keep_state("web", {"x": "y" * 100_000})
    with pytest.raises(TypeError):
        progress.keep_state("web", {"x": object()})
    assert progress.state("web") is None


def test_what_is_handed_out_is_a_copy(folder):
    progress = _open(folder)
    state = {"params": {"w": 1}}
    progress.keep_state("web", state)
    state["params"]["w"] = 2
    progress.state("web")["params"]["w"] = 3
    assert progress.state("web") == {"params": {"w": 1}}


def test_where_it_lies(tmp_path, monkeypatch):
    assert progress_folder() == tmp_path / ".lyaplab"
    monkeypatch.setenv("LYAPLAB_PROGRESS", str(tmp_path / "elsewhere"))
    assert progress_folder() == tmp_path / "elsewhere"
    monkeypatch.setenv("LYAPLAB_PROGRESS", "off")
    assert progress_folder() is None


def test_absorb_merges_or_refuses(folder, tmp_path):
    home = Progress("toy", "1", folder=tmp_path / "home")
    _attempt(home, points=2)
    progress = _open(folder)
    _attempt(progress, "kind")
    progress.absorb(home.to_bytes())
    assert set(_open(folder).document["exercises"]) == {"slope", "kind"}
    before = progress.document
    other = Progress("another", "1", folder=None).to_bytes()
    newer = json.dumps(home.document | {"schema": 99})
    large = b" " * 2_000_000
    for bad, message in ((b"junk", "not JSON"), (other, "expected 'toy'"), (newer, "newer"), (large, "bytes")):
        with pytest.raises(ValueError, match=message):
            progress.absorb(bad)
    assert progress.document == before

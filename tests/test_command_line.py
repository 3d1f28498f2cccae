"""The command ``lyaplab`` as a person types it: in a process of its own, with what it prints and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

import lyaplab
from lyaplab.commands.lab import FIRST, WORK_FOLDER, shipped_notebooks, split
from tests.browser.lab_server import clean_environment, free_port, stop


@pytest.fixture
def command(tmp_path):
    """Run ``lyaplab <words>`` in an empty folder."""

    def run(*words, seconds=240, **env):
        return subprocess.run(
            [sys.executable, "-m", "lyaplab", *words],
            cwd=tmp_path, env={**os.environ, "COLUMNS": "100", **env},
            capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip

    return run


def test_without_a_command_it_says_what_there_is(command):
    done = command()
    assert done.returncode == 0
    for name in ("lab", "check", "report", "lessons", "warm", "doctor"):
        assert f"\n    {name} " in done.stdout


@pytest.mark.parametrize(("typed", "meant"), [("docter", "doctor"), ("labs", "lab"), ("lesson", "lessons")])
def test_a_misspelled_command_is_answered_with_the_nearest(command, typed, meant):
    done = command(typed)
    assert done.returncode == 2
    assert f"did you mean '{meant}'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_option_that_is_not_known_is_named(command):
    done = command("doctor", "--quick")
    assert done.returncode == 2
    assert "--quick" in done.stderr and "Traceback" not in done.stderr


def test_the_version_is_the_packages(command):
    assert command("--version").stdout.strip() == f"lyaplab {lyaplab.__version__}"


# lab -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "ours", "theirs"),
    [
        (["lab"], ["lab"], []),
        (["lab", "work", "--no-browser"], ["lab", "work"], ["--no-browser"]),
        (["lab", "--no-browser", "work"], ["lab", "work"], ["--no-browser"]),
        (["lab", "--ip", "0.0.0.0", "work"], ["lab", "work"], ["--ip", "0.0.0.0"]),
        (["lab", "--port=9999", "--lay-only", "work"], ["lab", "--lay-only", "work"], ["--port=9999"]),
    ],
)
def test_options_that_are_not_ours_go_to_jupyterlab(words, ours, theirs):
    assert split(words) == (ours, theirs)


def test_the_lessons_are_laid_out_and_a_learners_notebook_stays(command, tmp_path):
    done = command("lab", "--lay-only")
    folder = tmp_path / WORK_FOLDER
    assert done.returncode == 0 and str(folder) in done.stdout
    assert {path.name for path in folder.glob("*.ipynb")} == set(shipped_notebooks())
    (folder / f"{FIRST}.ipynb").write_text("my answers")
    assert command("lab", "--lay-only").returncode == 0
    assert (folder / f"{FIRST}.ipynb").read_text() == "my answers"


def test_a_file_in_the_way_of_the_work_folder_gets_a_kind_word(command, tmp_path):
    (tmp_path / "taken").write_text("a file")
    done = command("lab", "taken", "--no-browser")
    assert done.returncode == 1
    assert "taken cannot be used" in done.stdout and "lyaplab lab FOLDER" in done.stdout
    assert "Traceback" not in done.stderr


def test_lab_opens_jupyterlab_on_the_first_lesson(tmp_path):
    port = free_port()
    words = ["lab", "work", "--no-browser", f"--port={port}", "--IdentityProvider.token="]
    log = tmp_path / "log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "lyaplab", *words],
            cwd=tmp_path, env=clean_environment(tmp_path / "home"), stdout=sink, stderr=sink,
        )  # fmt: skip
    try:
        page = patiently(f"http://127.0.0.1:{port}/", process)
        assert page.url.endswith(f"/lab/tree/{FIRST}.ipynb")
        listing = json.load(patiently(f"http://127.0.0.1:{port}/api/contents", process))
        assert f"{FIRST}.ipynb" in {item["name"] for item in listing["content"]}
        assert "lyaplab: prompt kernel websockets" in log.read_text()
    finally:
        stop(process)


def patiently(url, process):
    """Open the address as soon as the server is up."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return urllib.request.urlopen(url, timeout=10)
        except (urllib.error.URLError, ConnectionError):
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.1)


# the others ----------------------------------------------------------------------------------------------------------


def test_the_doctor_finds_this_environment_sound(command):
    done = command("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    for word in (f"lyaplab {lyaplab.__version__}", "numba", "BLAS", "cache", "front end", "prompt websockets", "speed"):
        assert word in done.stdout
    assert "MEND" not in done.stdout


def test_the_doctor_says_what_to_mend(command, tmp_path):
    (tmp_path / "bqplot_gl-0.1.1.dist-info").mkdir()
    (tmp_path / "bqplot_gl-0.1.1.dist-info" / "METADATA").write_text("Name: bqplot-gl\nVersion: 0.1.1\n")
    done = command("doctor", "--no-speed", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert "pip uninstall bqplot-gl" in done.stdout
    assert done.stdout.count("[MEND") == 1


def test_the_doctor_tells_of_a_cache_that_cannot_be_written(command, tmp_path):
    (tmp_path / "file").write_text("")
    done = command("doctor", "--no-speed", LYAPLAB_CACHE=str(tmp_path / "file" / "cache"))
    assert "cannot be written" in done.stdout and "LYAPLAB_CACHE" in done.stdout
    assert "Traceback" not in done.stderr


def test_warm_compiles_a_cell_once_and_says_where_it_is_kept(command, tmp_path):
    cache = tmp_path / "cache"
    done = command("warm", "logistic", LYAPLAB_CACHE=str(cache))
    assert done.returncode == 0, done.stdout + done.stderr
    assert str(cache) in done.stdout and "logistic" in done.stderr  # the bar
    compiled = {path: path.stat().st_mtime_ns for path in cache.iterdir()}
    assert compiled
    again = command("warm", "logistic", "--quiet", LYAPLAB_CACHE=str(cache))
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert {path: path.stat().st_mtime_ns for path in cache.iterdir()} == compiled


def test_warm_names_the_nearest_cell(command):
    done = command("warm", "tahn")
    assert done.returncode == 2
    assert "did you mean 'tanh'?" in done.stdout


def test_check_scores_an_untouched_lesson_as_not_passed(command, tmp_path):
    command("lab", "--lay-only", "work")
    notebook = tmp_path / "work" / f"{FIRST}.ipynb"
    before = notebook.read_bytes()
    done = command("check", str(notebook))
    assert done.returncode == 1, done.stdout + done.stderr
    assert FIRST in done.stdout and "Traceback" not in done.stdout + done.stderr
    assert notebook.read_bytes() == before


def test_check_names_the_nearest_notebook(command, tmp_path):
    command("lab", "--lay-only", "work")
    done = command("check", f"work/{FIRST}s.ipynb")
    assert done.returncode == 2
    assert f"did you mean work{os.sep}{FIRST}.ipynb?" in done.stdout


def test_lessons_check_tells_fresh_from_stale(command, tmp_path):
    assert command("lessons", "check", "nowhere").returncode == 1
    source = next(iter(shipped_notebooks().values())).parent
    done = command("lessons", "check", str(source))
    assert done.returncode == 0, done.stdout + done.stderr

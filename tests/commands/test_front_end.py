"""The doctor's look at the Jupyter installation, on folders that hold what real installs have held."""

from __future__ import annotations

import json

import pytest

from lyaplab.commands import front_end


@pytest.fixture
def user_folder(tmp_path, monkeypatch):
    """The user's own data folder, which JupyterLab reads before the environment's."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    return tmp_path


def lay_extension(place, name, version):
    folder = place / "labextensions" / name
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps({"name": name, "version": version}))
    return folder


def test_this_environment_fits_together():
    kinds = {finding.text: finding.kind for finding in front_end.extensions()}
    assert set(kinds.values()) == {"ok"}, kinds
    assert len(kinds) == 2


@pytest.mark.parametrize(("name", "old"), [("bqplot", "0.5.40"), (front_end.MANAGER, "3.1.1")])
def test_an_old_extension_in_the_users_folder_is_named(user_folder, name, old):
    folder = lay_extension(user_folder, name, old)
    (finding,) = [finding for finding in front_end.extensions() if finding.kind == "problem"]
    assert old in finding.text and str(folder) in finding.text
    assert "remove that folder" in finding.advice


def test_an_extension_that_is_not_there_is_named():
    finding = front_end.fit("bqplot", kernel="bqplot 0.13.1", wanted="^0.6.1", found=None)
    assert finding.kind == "problem" and "not installed" in finding.text


@pytest.mark.parametrize("content", ["{", "[]", '{"version": 3}'])
def test_a_broken_extension_is_passed_over(user_folder, content):
    (user_folder / "labextensions" / "broken").mkdir(parents=True)
    (user_folder / "labextensions" / "broken" / "package.json").write_text(content)
    assert "broken" not in dict(front_end.lab_extensions())


@pytest.mark.parametrize(
    ("version", "wanted", "fits"),
    [
        ("5.0.16", "^5.0.0", True),
        ("6.0.0", "^5.0.0", False),
        ("4.9.9", "^5.0.0", False),
        ("0.6.1", "^0.6.1", True),
        ("0.6.0", "^0.6.1", False),
        ("0.7.0", "^0.6.1", False),
        ("0.0.3", "^0.0.3", True),
        ("0.0.4", "^0.0.3", False),
        ("5.0.0-rc.1", "^5.0.0", True),
    ],
)
def test_npm_ranges(version, wanted, fits):
    assert front_end.satisfies(version, wanted) is fits


def test_the_server_extension_is_on_after_installing():
    (finding,) = front_end.prompt_websockets()
    assert finding.kind == "ok"


def test_a_user_who_switched_the_server_extension_off_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    config = {"ServerApp": {"jpserver_extensions": {"lyaplab.server": False}}}
    (tmp_path / "jupyter_server_config.json").write_text(json.dumps(config))
    (finding,) = front_end.prompt_websockets()
    assert finding.kind == "note" and "enable lyaplab.server" in finding.advice


def test_the_environments_switch_is_told(monkeypatch):
    monkeypatch.setenv("LYAPLAB_PROMPT", "0")
    (finding,) = front_end.prompt_websockets()
    assert finding.kind == "note" and "LYAPLAB_PROMPT" in finding.text


def test_bqplot_gl_is_warned_of(tmp_path, monkeypatch):
    assert list(front_end.drag_breaker()) == []
    (tmp_path / "bqplot_gl-0.1.1.dist-info").mkdir()
    (tmp_path / "bqplot_gl-0.1.1.dist-info" / "METADATA").write_text("Name: bqplot-gl\nVersion: 0.1.1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    (finding,) = front_end.drag_breaker()
    assert finding.kind == "problem" and "pip uninstall bqplot-gl" in finding.advice

"""The toy lesson, met as a learner meets a lesson: by its name, with progress in a scratch folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyaplab.school import Lesson, lesson

LESSONS = Path(__file__).parent / "lessons"


@pytest.fixture(autouse=True)
def learner(tmp_path, monkeypatch):
    """Work in an empty folder; the toy lesson is installed."""
    monkeypatch.setenv("LYAPLAB_LESSONS", str(LESSONS))
    monkeypatch.delenv("LYAPLAB_PROGRESS", raising=False)
    monkeypatch.chdir(tmp_path)
    # Headless, as a grader has it, also where another test of the same run has imported the widgets.
    monkeypatch.setattr("lyaplab.school.result.panel_factory", None)
    monkeypatch.setattr("lyaplab.school.predict.gate_factory", None)


@pytest.fixture
def toy() -> Lesson:
    return lesson("toy")

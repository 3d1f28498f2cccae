"""Lay the course into the wheel: lessons/ of the repository becomes lyaplab/lessons of the package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LessonsHook(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        # An editable install reads the folder in place: a copy in site-packages would only go stale.
        lessons = Path(self.root, "lessons")
        if version != "editable" and lessons.is_dir():
            build_data["force_include"][str(lessons)] = "lyaplab/lessons"

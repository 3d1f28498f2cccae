"""Fresh processes with a cache of their own, which tell how often they had to compile."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import lyaplab

PACKAGE = Path(lyaplab.__file__).parent

# Put before every script: count what is compiled instead of printing it.
COUNTING = """
from lyaplab.kernel import announce
compiled = []
announce.listeners.append(compiled.append)
"""
TELLING = "\nprint('compiled', len(compiled))\n"


@dataclass
class Fresh:
    """Runs scripts in fresh processes that share one scratch cache."""

    folder: Path
    cache: Path
    package: Path = PACKAGE

    def start(self, script: str, **environment: str) -> subprocess.Popen[str]:
        """Start a script (a file: cells defined in it have source lines)."""
        path = self.folder / "script.py"
        path.write_text(COUNTING + script + TELLING)
        return subprocess.Popen(
            [sys.executable, "-B", str(path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env={**os.environ, "LYAPLAB_CACHE": str(self.cache), "PYTHONPATH": str(self.package.parent), **environment},
        )

    def run(self, script: str, **environment: str) -> tuple[int, str]:
        """Run a script to its end; how often it compiled, and what else it printed."""
        return self.finish(self.start(script, **environment))

    @staticmethod
    def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
        """Wait for a script; how often it compiled, and what else it printed."""
        output, errors = process.communicate(timeout=250)
        assert process.returncode == 0, errors
        text, _, count = output.rpartition("compiled ")
        return int(count), text.strip()

    def files(self) -> dict[str, int]:
        """Cache files and when each was written."""
        return {path.name: path.stat().st_mtime_ns for path in self.cache.iterdir()}


@pytest.fixture
def fresh(tmp_path: Path) -> Fresh:
    return Fresh(tmp_path, tmp_path / "cache")

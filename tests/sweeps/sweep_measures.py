"""What the tests measure, in a module that other processes can import."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def both(model):
    return {"r": float(model.weights["r"]), "orbit": model.orbit(3)}


def drawn(model, rng):
    return rng.normal()


def numbered(model, seed):
    return seed


def failing(model):
    if model.weights["r"] > 3.5:
        return {}["no such key"]
    return 1.0


def leaving(model):
    raise SystemExit(3)


def strange(model):
    return object()


def deadly(model):
    """Kill the process that measures one certain network."""
    if model.weights["r"] == 3.25:
        os.kill(os.getpid(), signal.SIGKILL)
    return float(model.weights["r"])


def deadly_unless_cured(model, folder):
    """Kill every process that comes to one certain network, until somebody leaves a mark."""
    return float(model.weights["r"]) if (Path(folder) / "cured").exists() else deadly(model)


def deadly_once(model, folder):
    """Kill the first process that comes to one certain network."""
    mark = Path(folder) / "killed"
    if model.weights["r"] == 3.25 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return float(model.weights["r"])


def slow(model, folder, seconds=0.02):
    """Leave a mark for every network that is begun."""
    (Path(folder) / f"{os.getpid()}-{model.weights['r']}").touch()
    time.sleep(seconds)
    return float(model.weights["r"])


def chatty(model):
    print("a measure may print")
    os.system("echo and its children too")
    return 1.0


def powers(model, exponent, r=0.0):
    return {"power": float(model.weights["r"]) ** exponent, "own": r}

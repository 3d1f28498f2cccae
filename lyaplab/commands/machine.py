"""What the doctor looks at in the machine: versions, processor, BLAS, the cache of compiled kernels, speed."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from lyaplab import __version__
from lyaplab.commands.finding import Finding
from lyaplab.commands.front_end import installed

NEEDED = (
    "numpy", "scipy", "numba", "llvmlite", "ipywidgets", "bqplot", "pillow", "filelock", "contourpy", "cloudpickle",
)  # fmt: skip
WELCOME = ("jupyterlab", "notebook", "ipykernel", "nbclient")


def versions() -> Iterator[Finding]:
    """What is installed, and what is not."""
    place = Path(__file__).resolve().parents[1]
    yield Finding("ok", f"lyaplab {__version__} in {place}")
    yield Finding("ok", f"Python {platform.python_version()} at {sys.executable}")
    found = {name: installed(name) for name in (*NEEDED, *WELCOME)}
    yield Finding("ok", ", ".join(f"{name} {version}" for name, version in found.items() if version))
    missing = [name for name in NEEDED if not found[name]]
    if missing:
        yield Finding("problem", f"not installed: {', '.join(missing)}", "python -m pip install --upgrade lyaplab")
    if not found["jupyterlab"] and not found["notebook"]:
        yield Finding("note", "no JupyterLab here", "python -m pip install 'lyaplab[lab]'")


def processor() -> Iterator[Finding]:
    """The processor as the compiler sees it."""
    from llvmlite.binding import get_host_cpu_name

    forced = os.environ.get("NUMBA_CPU_NAME")
    target = f", kernels are compiled for {forced!r} (NUMBA_CPU_NAME)" if forced else ""
    yield Finding("ok", f"processor: {get_host_cpu_name()}, {os.cpu_count()} cores{target}")


def blas() -> Iterator[Finding]:
    """The linear algebra libraries and their threads."""
    import numpy  # noqa: F401  # loaded libraries are seen, and these two load theirs
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_info

    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    for pool in pools:
        name = f"{pool['internal_api']} {pool.get('version') or '?'}"
        kind = pool.get("architecture") or "unknown architecture"
        yield Finding("ok", f"BLAS: {name} ({kind}), {pool['num_threads']} threads; one around kernels")
    if not pools:
        yield Finding("note", "BLAS: none that threadpoolctl knows; its threads cannot be held to one around kernels")


def cache() -> Iterator[Finding]:
    """The folder of compiled kernels: can it be written, and how much is in it?"""
    from lyaplab.kernel.cache import cache_folder

    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        advice = "set LYAPLAB_CACHE to a folder that you may write; until then every session compiles again"
        yield Finding("note", f"cache: {folder} cannot be written ({error.strerror or error})", advice)
        return
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 2**20
    yield Finding("ok", f"cache: {folder}, {len(files)} files, {size:.1f} MB")
    if not files:
        yield Finding("note", "no kernel is compiled yet, so the first calls take a few seconds", "lyaplab warm")


def speed() -> Iterator[Finding]:
    """The Lyapunov spectrum of a network of 64 units, against the two matrix products a step that it cannot avoid."""
    import numpy as np

    import lyaplab as ll
    from lyaplab.kernel import one_blas_thread

    n, steps = 64, 2000
    net = ll.Model("tanh", n=n, gain=1.8, seed=1)
    W, rows, out = (np.random.default_rng(2).standard_normal((n, n)) for _ in range(3))

    def products() -> None:
        for _ in range(2 * steps):
            np.matmul(rows, W, out=out)

    with one_blas_thread():
        limit = quickest(products)
        ours = quickest(lambda: net.lyapunov_spectrum(steps, k=n, warmup=0))
    text = f"speed: {1e6 * ours / steps:.0f} us a step for all {n} exponents, {100 * limit / ours:.0f} % of the limit"
    yield Finding("ok", f"{text} set by two matrix products")


def quickest(work: Callable[[], object]) -> float:
    """The least seconds of three calls, after one that compiles and warms up."""
    work()
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)

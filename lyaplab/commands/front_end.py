"""What the doctor looks at in the Jupyter installation: the browser's half of the widgets, and the server extension."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from lyaplab.commands.finding import Finding

MANAGER = "@jupyter-widgets/jupyterlab-manager"
SERVER = "lyaplab.server"


def installed(name: str) -> str | None:
    """The version of a distribution, None when it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def extensions() -> Iterator[Finding]:
    """Does the browser's half of ipywidgets and bqplot fit the kernel's half?"""
    import bqplot
    import ipywidgets

    found = dict(lab_extensions())
    # The manager's major version is ipywidgets' less three: 5 for 8, as it was 3 (ipywidgets 7's last) before it.
    expected = {MANAGER: f"^{int(ipywidgets.__version__.split('.')[0]) - 3}.0.0", "bqplot": _bqplot_range(bqplot)}
    kernel = {MANAGER: f"ipywidgets {ipywidgets.__version__}", "bqplot": f"bqplot {bqplot.__version__}"}
    for name, wanted in expected.items():
        yield fit(name, kernel=kernel[name], wanted=wanted, found=found.get(name))


def fit(name: str, *, kernel: str, wanted: str, found: tuple[str, Path] | None) -> Finding:
    """Compare a front-end extension with the range that the kernel's package asks for."""
    package = "jupyterlab_widgets" if name == MANAGER else name
    if found is None:
        advice = f"python -m pip install --force-reinstall {package}, then reload the page; or use the classic Notebook"
        return Finding("problem", f"front end: {name} is not installed for JupyterLab (kernel: {kernel})", advice)
    version, folder = found
    if not satisfies(version, wanted):
        text = f"front end: {name} {version} in {folder} does not fit {kernel} (expected {wanted})"
        return Finding("problem", text, f"remove that folder, or python -m pip install --force-reinstall {package}")
    return Finding("ok", f"front end: {name} {version} fits {kernel}")


def lab_extensions() -> Iterator[tuple[str, tuple[str, Path]]]:
    """Name -> (version, folder) of JupyterLab's extensions; as in JupyterLab, the first folder on the path wins."""
    from jupyter_core.paths import jupyter_path

    seen: set[str] = set()
    for place in map(Path, jupyter_path("labextensions")):
        for file in sorted([*place.glob("*/package.json"), *place.glob("@*/*/package.json")]):
            package = _json(file)
            name = package.get("name")
            if isinstance(name, str) and name not in seen:
                seen.add(name)
                yield name, (str(package.get("version", "?")), file.parent)


def satisfies(version: str, wanted: str) -> bool:
    """Is `version` in npm's caret range `wanted`?

    Examples
    --------
    >>> satisfies("5.0.16", "^5.0.0"), satisfies("0.6.3", "^0.6.1"), satisfies("0.7.0", "^0.6.1")
    (True, True, False)
    """
    have, want = _numbers(version), _numbers(wanted)
    if have < want:
        return False
    # The caret lets everything grow behind the first number that is not zero.
    fixed = next((place for place, number in enumerate(want) if number), len(want) - 1) + 1
    return have[:fixed] == want[:fixed]


def drag_breaker() -> Iterator[Finding]:
    """Warn of bqplot-gl, which switches dragging off in bqplot's figures."""
    version = installed("bqplot-gl")
    if version:
        text = f"bqplot-gl {version} is installed: points can no longer be dragged"
        yield Finding("problem", text, "python -m pip uninstall bqplot-gl, then reload the page")


def prompt_websockets() -> Iterator[Finding]:
    """Is the server extension on that makes widgets answer at once?"""
    if installed("jupyter-server") is None:
        yield Finding("note", "Jupyter Server is not installed", "for JupyterLab: python -m pip install 'lyaplab[lab]'")
        return
    if os.environ.get("LYAPLAB_PROMPT") == "0":
        yield Finding("note", "prompt websockets are switched off (LYAPLAB_PROMPT=0)", "unset it for quicker widgets")
        return
    if enabled_servers().get(SERVER) is True:
        yield Finding("ok", "prompt websockets: the server extension is on")
    else:
        advice = f"jupyter server extension enable {SERVER} --sys-prefix, then restart JupyterLab"
        yield Finding("note", "prompt websockets are off: each move of a slider takes some 40 ms longer", advice)


def enabled_servers() -> Mapping[str, Any]:
    """Jupyter Server's extensions as its config files have them."""
    from jupyter_core.paths import jupyter_config_path
    from jupyter_server.config_manager import BaseJSONConfigManager, recursive_update

    config: dict[str, Any] = {}
    # The path begins with what wins, so it is laid down from its end.
    for folder in reversed(jupyter_config_path()):
        recursive_update(config, BaseJSONConfigManager(config_dir=folder).get("jupyter_server_config"))
    extensions = config.get("ServerApp", {}).get("jpserver_extensions", {})
    return extensions if isinstance(extensions, dict) else {}


def _bqplot_range(bqplot: Any) -> str:
    return str(getattr(bqplot, "__frontend_version__", None) or bqplot._version.__frontend_version__)


def _numbers(version: str) -> tuple[int, int, int]:
    found = [int(number) for number in re.findall(r"\d+", version)[:3]]
    major, minor, patch = [*found, 0, 0, 0][:3]
    return major, minor, patch


def _json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}

"""A Jupyter server of the running Python, with settings of its own, that ends with the test."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

START_SECONDS = 90


class LabServer:
    """A running server: `url`, the `root` folder that it serves, its `log` file and its process."""

    def __init__(self, process: subprocess.Popen[bytes], url: str, *, root: Path, log: Path) -> None:
        self.process = process
        self.url = url
        self.root = root
        self.log = log

    def api(self, path: str, *, method: str = "GET", body: object = None) -> object:
        """Ask the REST API, e.g. ``server.api("kernels")``; None when the answer is empty."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/{path}", data=data, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def stop_kernels(self) -> None:
        """Shut down every session and kernel, so that one test's work is not the next one's noise."""
        for session in self.api("sessions"):
            with contextlib.suppress(urllib.error.HTTPError):  # it went by itself
                self.api(f"sessions/{session['id']}", method="DELETE")
        for kernel in self.api("kernels"):
            with contextlib.suppress(urllib.error.HTTPError):
                self.api(f"kernels/{kernel['id']}", method="DELETE")


def clean_environment(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment with every Jupyter folder of the user moved to `home`."""
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    environment = dict(os.environ)
    environment.update({name: str(home / folder) for name, folder in folders.items()})
    environment.update(extra or {})
    return environment


@contextlib.contextmanager
def lab_server(
    root: Path, *, app: str = "lab", env: Mapping[str, str] | None = None, options: tuple[str, ...] = ()
) -> Iterator[LabServer]:
    """Run ``python -m jupyter <app>`` on a free port of this machine until the block ends.

    Parameters
    ----------
    root : Path
        The folder that it serves.
    app : str
        ``lab`` or ``server``.
    env : mapping, optional
        Variables beside those of this process, e.g. ``{"LYAPLAB_PROMPT": "0"}``.
    options : tuple of str
        More options of the command line.
    """
    home = Path(tempfile.mkdtemp(prefix="lyaplab-server-"))
    log = home / "server.log"
    port = free_port()
    command = [sys.executable, "-m", "jupyter", app, "--no-browser", "--ip=127.0.0.1", f"--port={port}"]
    command += ["--IdentityProvider.token=", f"--ServerApp.root_dir={root}", "--ServerApp.disable_check_xsrf=True"]
    if app == "lab":
        command += ["--LabApp.expose_app_in_browser=True"]
        command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
        decline_news(home / "settings")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command += ["--allow-root"]
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [*command, *options], stdout=sink, stderr=sink, env=clean_environment(home, env), cwd=root
        )
    server = LabServer(process, f"http://127.0.0.1:{port}", root=root, log=log)
    try:
        wait_until_up(server)
        yield server
        with contextlib.suppress(OSError):  # the server died: the test has said so already
            server.stop_kernels()
    finally:
        stop(process)
        shutil.rmtree(home, ignore_errors=True)


def decline_news(settings: Path) -> None:
    """Answer JupyterLab's first question, whose pop-up would lie over every picture."""
    folder = settings / "@jupyterlab" / "apputils-extension"
    folder.mkdir(parents=True)
    (folder / "notification.jupyterlab-settings").write_text(json.dumps({"fetchNews": "false"}))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_up(server: LabServer) -> None:
    """Return when the server answers; fail with its log when it ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            server.api("status")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the Jupyter server did not come up; its log:\n{server.log.read_text()[-4000:]}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the server as Ctrl-C twice would, and by force when it does not listen."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

"""Prompt websockets in a real Jupyter server, seen from inside it and through its own protocol."""

from __future__ import annotations

import json
import logging
import textwrap
import uuid
from contextlib import closing
from types import SimpleNamespace

import pytest
import websocket

from lyaplab import server
from tests.browser.lab_server import lab_server

# A second extension, which tells what the running server has set, on its class and on the sockets themselves.
PROBE = """
    import gc, json, socket
    from jupyter_server.base.handlers import APIHandler
    from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
    from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
    from jupyter_server.utils import url_path_join

    class OwnConnection(ZMQChannelsWebsocketConnection):
        "A class that somebody else has set."

    class Probe(APIHandler):
        def get(self):
            kind = self.settings["kernel_websocket_connection_class"]
            open_ones = [x for x in gc.get_objects() if isinstance(x, KernelWebsocketHandler) and x.ws_connection]
            sockets = [x.ws_connection.stream.socket for x in open_ones]
            nodelay = [s.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0 for s in sockets]
            self.finish(json.dumps({"classes": [c.__name__ for c in kind.__mro__], "nodelay": nodelay}))

    def _jupyter_server_extension_points():
        return [{"module": "lyaplab_probe"}]

    def _load_jupyter_server_extension(app):
        app.web_app.add_handlers(".*$", [(url_path_join(app.base_url, "/api/lyaplab-probe"), Probe)])
"""


@pytest.fixture
def start(tmp_path):
    """Start a plain Jupyter server, with the probe and whatever else is enabled in this environment."""
    (tmp_path / "lyaplab_probe.py").write_text(textwrap.dedent(PROBE))

    def start_server(*options, **env):
        options = ('--ServerApp.jpserver_extensions={"lyaplab_probe": True}', *options)
        return lab_server(tmp_path, app="server", env={"PYTHONPATH": str(tmp_path), **env}, options=options)

    return start_server


def connect(running, kernel_id):
    address = running.url.replace("http", "ws", 1)
    return closing(websocket.create_connection(f"{address}/api/kernels/{kernel_id}/channels?session_id=test"))


def execute(line, code):
    """Run code over an open websocket; the list of (type, content) until the kernel is idle again."""
    header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "username": "", "session": "test"}
    header |= {"version": "5.3", "date": "2026-01-01T00:00:00Z"}
    content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}
    request = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    line.send(json.dumps(request))
    line.settimeout(60)
    seen = []
    while True:
        message = json.loads(line.recv())
        if message["parent_header"].get("msg_id") != header["msg_id"]:
            continue
        seen.append((message["msg_type"], message["content"]))
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return seen


def test_installing_makes_the_websockets_prompt_and_changes_nothing_else(start):
    with start() as running:
        kernel = running.api("kernels", method="POST", body={"name": "python3"})
        with connect(running, kernel["id"]) as line:
            seen = execute(line, "for i in range(200): print(i)\nprint('x' * 2_000_000)")
            probe = running.api("lyaplab-probe")
        assert probe["classes"][:2] == ["PromptZMQChannelsWebsocketConnection", "PromptMixin"]
        assert probe["nodelay"] == [True]
        text = "".join(content["text"] for kind, content in seen if kind == "stream")
        assert text == "".join(f"{i}\n" for i in range(200)) + "x" * 2_000_000 + "\n"


def test_the_environment_switches_it_off(start):
    with start(LYAPLAB_PROMPT="0") as running:
        kernel = running.api("kernels", method="POST", body={"name": "python3"})
        with connect(running, kernel["id"]) as line:
            execute(line, "1")
            probe = running.api("lyaplab-probe")
    assert "PromptMixin" not in probe["classes"]
    assert probe["nodelay"] == [False]


def test_a_class_that_somebody_else_has_set_stays_the_base(start):
    with start("--ServerApp.kernel_websocket_connection_class=lyaplab_probe.OwnConnection") as running:
        classes = running.api("lyaplab-probe")["classes"]
    assert classes[:3] == ["PromptOwnConnection", "PromptMixin", "OwnConnection"]


def test_a_config_file_may_name_the_class_itself(start):
    option = "--ServerApp.kernel_websocket_connection_class=lyaplab.server.PromptConnection"
    with start(option) as running:
        classes = running.api("lyaplab-probe")["classes"]
    assert classes.count("PromptMixin") == 1


def test_a_page_of_another_site_is_refused_as_before(start):
    with start() as running:
        kernel = running.api("kernels", method="POST", body={"name": "python3"})
        address = f"{running.url.replace('http', 'ws', 1)}/api/kernels/{kernel['id']}/channels"
        with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
            websocket.create_connection(address, origin="http://elsewhere.test")


class Connection:
    """The least that a class of connections has."""

    log = logging.getLogger("test_server")

    def __init__(self, handler):
        self.websocket_handler = handler

    def connect(self):
        return "connected"


def test_a_socket_without_the_option_connects_all_the_same(caplog):
    class Refusing:
        def set_nodelay(self, value):
            raise OSError("no such option")

    with caplog.at_level(logging.DEBUG):
        assert server.prompt_class(Connection)(Refusing()).connect() == "connected"
    assert "no such option" in caplog.text
    assert server.prompt_class(Connection)(object()).connect() == "connected"


def test_the_prompt_class_of_a_prompt_class_is_itself():
    prompt = server.prompt_class(Connection)
    assert server.prompt_class(prompt) is prompt


def test_a_server_without_the_setting_is_left_alone():
    settings = {}
    server._load_jupyter_server_extension(SimpleNamespace(web_app=SimpleNamespace(settings=settings)))
    assert settings == {}


def test_a_misspelled_attribute_is_an_attribute_error():
    with pytest.raises(AttributeError, match="PromptConection"):
        server.PromptConection  # noqa: B018

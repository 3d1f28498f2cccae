"""A Jupyter server extension that sends a widget's answers at once.

Jupyter's kernel websockets leave Nagle's algorithm on: a small answer waits until the browser has acknowledged the
one before, and browsers acknowledge late. Nearly 40 ms of every slider move are this wait. The extension switches
it off (``TCP_NODELAY``) on each kernel websocket as it opens, and does nothing else.

Installing lyaplab enables it. It goes through Jupyter Server's own hook: the setting that names the class of kernel
connections. Whatever class is set there, of Jupyter Server or of another package, is kept as the base.

``LYAPLAB_PROMPT=0`` in the server's environment switches it off. A server that does not load extensions of Jupyter
Server can name ``lyaplab.server.PromptConnection`` as its ``kernel_websocket_connection_class`` in a config file.
"""

from __future__ import annotations

import os
from typing import Any

__all__ = ["SETTING", "PromptMixin", "prompt_class"]

#: The entry of the web application's settings that is read whenever a kernel websocket opens.
SETTING = "kernel_websocket_connection_class"


class PromptMixin:
    """A kernel websocket connection that switches Nagle's algorithm off as it opens."""

    websocket_handler: Any
    log: Any

    def connect(self) -> Any:
        """Connect as the base class does, after asking for prompt sending."""
        try:
            self.websocket_handler.set_nodelay(True)
        except Exception as error:
            # A proxy or a Unix socket may not know the option. Slower answers are no reason to refuse a kernel.
            self.log.debug("lyaplab: the websocket keeps its delay: %s", error)
        return super().connect()  # type: ignore[misc]


def prompt_class(base: type) -> type:
    """Make the prompt variant of a class of kernel websocket connections.

    Parameters
    ----------
    base : type
        The class that the server would use.

    Returns
    -------
    type
        A subclass of `base` and `PromptMixin`, or `base` itself when it is prompt already.

    Examples
    --------
    >>> class Connection:
    ...     pass
    >>> prompt = prompt_class(Connection)
    >>> prompt.__name__, prompt_class(prompt) is prompt
    ('PromptConnection', True)
    """
    if issubclass(base, PromptMixin):
        return base
    return type(f"Prompt{base.__name__}", (PromptMixin, base), {})


def __getattr__(name: str) -> Any:
    """Offer ``PromptConnection`` to config files, importing Jupyter Server only when it is asked for."""
    if name == "PromptConnection":
        from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

        return prompt_class(ZMQChannelsWebsocketConnection)
    raise AttributeError(f"module 'lyaplab.server' has no attribute {name!r}")


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "lyaplab.server"}]


def _load_jupyter_server_extension(server: Any) -> None:
    if os.environ.get("LYAPLAB_PROMPT", "1") == "0":
        return
    settings = server.web_app.settings
    base = settings.get(SETTING)
    if not isinstance(base, type):
        # An older or a foreign server without the hook: leave it as it is.
        return
    settings[SETTING] = prompt_class(base)
    server.log.info("lyaplab: prompt kernel websockets (%s)", settings[SETTING].__name__)

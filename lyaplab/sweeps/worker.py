"""The other end of the pipe: a process that does what it is told until the pipe ends."""

from __future__ import annotations

import os
import pickle
import queue
import signal
import struct
import sys
import threading
from typing import Any, BinaryIO

__all__ = ["receive", "send", "serve"]

_LENGTH = struct.Struct(">Q")


def send(pipe: Any, message: bytes) -> None:
    """Write a message, its length first."""
    pipe.write(_LENGTH.pack(len(message)))
    pipe.write(message)
    pipe.flush()


def receive(pipe: Any) -> bytes:
    """Read a message; raises EOFError where the pipe has ended."""
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
    return _exactly(pipe, length)


def _exactly(pipe: Any, length: int) -> bytes:
    data = pipe.read(length)
    if data is None or len(data) < length:
        raise EOFError("the pipe has ended")
    return data


def serve() -> None:
    """Answer every message on standard input, which is a function and its arguments, on standard output.

    When the input ends, the process that asked is gone or wants no more: this one ends at once, in the middle of a row
    too, so that nothing is left behind of a sweep that was killed.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asked, answers = _pipes()
    messages: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(asked, messages), daemon=True).start()
    while True:
        send(answers, _answer(messages.get()))


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take standard input and output for ourselves: what a measure prints goes to standard error instead."""
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    return asked, answers


def _listen(asked: BinaryIO, messages: queue.SimpleQueue[bytes]) -> None:
    try:
        while True:
            messages.put(receive(asked))
    except (EOFError, OSError):
        sys.stderr.flush()
        os._exit(0)


def _answer(message: bytes) -> bytes:
    try:
        function, args, kwargs = pickle.loads(message)
        answer = True, function(*args, **kwargs)
    except BaseException as error:
        answer = False, error
    try:
        return pickle.dumps(answer, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001  an answer or an error that cannot be pickled
        return pickle.dumps((False, RuntimeError(f"{type(answer[1]).__name__} cannot be sent back: {error}")))

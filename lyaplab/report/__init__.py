"""One page about a network, as text and as HTML: measured (measuring.py), put into words (words.py), shown."""

from __future__ import annotations

import inspect
import sys
import types

from lyaplab.report.making import iter_report, report
from lyaplab.report.page import Report

__all__ = ["Report", "iter_report", "report"]


class _Callable(types.ModuleType):
    """This module, which answers `lyaplab.report(model)` too: a folder and a function share the name."""

    # With the function's own help; what stands for a method would lose its first argument in the signature.
    __call__ = staticmethod(report)
    __signature__ = inspect.signature(report)


sys.modules[__name__].__class__ = _Callable

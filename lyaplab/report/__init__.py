"""One page about a network, as text and as HTML: measured (measuring.py), put into words (words.py), shown."""

from __future__ import annotations

import sys
import types
from typing import Any

from lyaplab.report.making import iter_report, report
from lyaplab.report.page import Report

__all__ = ["Report", "iter_report", "report"]


class _Callable(types.ModuleType):
    """This module, which answers `lyaplab.report(model)` too: a folder and a function share the name."""

    def __call__(self, *args: Any, **options: Any) -> Report:
        return report(*args, **options)


sys.modules[__name__].__class__ = _Callable

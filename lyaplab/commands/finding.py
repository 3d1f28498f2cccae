"""One line of the doctor's report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """What was found: `kind` is ok, note (good to know) or problem (does not work so); `advice` says what to do."""

    kind: Literal["ok", "note", "problem"]
    text: str
    advice: str = ""

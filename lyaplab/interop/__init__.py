"""Networks from elsewhere: PyTorch's, Keras', and files. No framework is imported, and nothing in a file is run."""

from __future__ import annotations

from lyaplab.interop.files import load
from lyaplab.interop.keras import from_keras
from lyaplab.interop.torch import from_torch

__all__ = ["from_keras", "from_torch", "load"]

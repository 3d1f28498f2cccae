"""Other people's packages: a test skips where its own is not installed, unless LYAPLAB_REQUIRE_PEERS=1.

Then all of them have to be there: pytest fails at once, and says which is not.
"""

from __future__ import annotations

import os
from importlib import import_module

# Keras reads it when it is first imported: it calculates with the PyTorch that is here anyway.
os.environ.setdefault("KERAS_BACKEND", "torch")

if os.environ.get("LYAPLAB_REQUIRE_PEERS") == "1":
    import_module("benchmarks.others")  # tells XLA how many threads it may use, which has to be before JAX
    for name in ("torch", "keras", "jax", "lyapax", "chaotax", "distributed"):
        import_module(name)
    import_module("benchmarks.others.by_nolds").import_nolds()

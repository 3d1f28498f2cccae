"""PyTorch's recurrent networks, from a module or a state_dict. PyTorch itself is never imported.

Its rows and gate orders are those of lyaplab's cells. It keeps two biases, of which only the sum counts; but the
content of a GRU has its b_hh inside the reset, which is the b_n of the cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lyaplab.interop.parts import chosen, exact, framework_class, kind_of, taken
from lyaplab.model import Model

__all__ = ["from_torch", "names_in"]

# The modules that are understood: the layers, and their cells, which are one step of one layer.
_CLASSES = {
    "RNN": "tanh", "GRU": "gru", "LSTM": "lstm", "RNNCell": "tanh", "GRUCell": "gru", "LSTMCell": "lstm",
}  # fmt: skip
_WANTED = "torch.nn.RNN, GRU and LSTM, or their cells"
_STEMS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
# Such as "encoder.rnn.weight_hh_l0"; the cells have no number.
_NAME = re.compile(
    r"(?:(?P<part>.+)\.)?(?P<stem>(?:weight|bias)_(?:ih|hh|hr))(?:_l(?P<layer>\d+)(?P<reverse>_reverse)?)?"
)


def from_torch(source: Any, *, part: str | None = None) -> Model:
    """Take over a recurrent network of PyTorch's: `torch.nn.RNN` (tanh), `GRU` or `LSTM`, of any number of layers.

    Numbers of any precision become float64 exactly. `batch_first` and `dropout` change nothing: states have no batch,
    and a trained network does not drop out.

    Parameters
    ----------
    source : torch.nn.Module or mapping of str to tensor
        The module, or a larger one that holds it; or a state_dict (of tensors or arrays). A state_dict does not tell
        `RNN(nonlinearity="relu")` from tanh, so make sure of that yourself.
    part : str, optional
        Which part of a larger module is meant: its name, which is how keys of the state_dict begin ("encoder.rnn").
        A warning says what is taken where the only one there is was not named.

    Returns
    -------
    Model
        Of the cell "tanh", "gru" or "lstm"; several layers are a stack, whose state goes layer by layer (h, then c).

    Raises
    ------
    ValueError, TypeError
        If there is no such network, or several; if it is bidirectional, has projections or relu; if tensors are
        missing, do not fit each other, or are not finite.

    Examples
    --------
    >>> import numpy as np
    >>> state = {"weight_hh_l0": np.tile(0.5 * np.eye(2), (4, 1)), "weight_ih_l0": np.ones((8, 3))}
    >>> net = from_torch(state)
    >>> net.cell.name, net.n, net.m
    ('lstm', 2, 3)
    """
    if isinstance(source, Mapping):
        found = names_in(source)
        name, tensors = chosen(part, found, source="the state_dict", wanted=f"the weights of {_WANTED}")
        if name and part is None:
            taken("the state_dict", f"{name!r}", f"part={name!r}")
        return _network({key: source[key] for key in tensors}, f"{name}." if name else "")
    if framework_class(source, ("Layer",), ("keras", "tf_keras", "tensorflow")):
        raise TypeError(f"source is a layer of Keras ({type(source).__name__}): take ll.from_keras")
    if not hasattr(source, "named_modules") or not hasattr(source, "state_dict"):
        raise TypeError(f"source must be a torch.nn.Module or a state_dict, got {type(source).__name__}")
    name, what, net = _from_module(source, part)
    if name and part is None:
        taken(_called(source), what, f"part={name!r}")
    return net


def names_in(tensors: Mapping[Any, Any]) -> dict[str, list[str]]:
    """Return the names of recurrent weights in a state_dict, by the part of the network that they belong to."""
    found: dict[str, list[str]] = {}
    for key in tensors:
        match = _NAME.fullmatch(key) if isinstance(key, str) else None
        if match is not None:
            found.setdefault(match["part"] or "", []).append(key)
    return found


def _from_module(source: Any, part: str | None) -> tuple[str, str, Model]:
    """Return which part of a module is the network, what it is, and the network."""
    found = {
        name: (module, base)
        for name, module in source.named_modules()
        if (base := framework_class(module, _CLASSES, ("torch",))) is not None
    }
    name, (module, base) = chosen(part, found, source=_called(source), wanted=_WANTED)
    what = f"{name!r} ({base.__name__})" if name else _called(module)
    _refuse_options(module, base, what)
    layers = [f"_l{number}" for number in range(module.num_layers)] if hasattr(module, "num_layers") else [""]
    stems = _STEMS if module.bias else _STEMS[:2]
    # Attributes rather than the state_dict: where weights are parametrised, only they have the weights in force.
    tensors = {stem + layer: getattr(module, stem + layer) for layer in layers for stem in stems}
    return name, what, _network(tensors, "", kind=_CLASSES[base.__name__])


def _refuse_options(module: Any, base: type, what: str) -> None:
    """Refuse, by its name, what a module does otherwise than the cells here."""
    if type(module).forward is not base.forward:  # type: ignore[attr-defined]
        raise ValueError(
            f"{what} has a forward of its own, which is not looked into: if its steps are those of {base.__name__},"
            " pass its state_dict"
        )
    if getattr(module, "bidirectional", False):
        raise ValueError(f"{what} is bidirectional: it reads the future, so it has no state that moves forward")
    if getattr(module, "proj_size", 0):
        raise ValueError(f"{what} has projections (proj_size={module.proj_size}), which are not supported")
    nonlinearity = getattr(module, "nonlinearity", "tanh")
    if nonlinearity != "tanh":
        raise ValueError(f"{what} has nonlinearity={nonlinearity!r}, which is not supported: expected 'tanh'")


def _network(tensors: Mapping[str, Any], prefix: str, *, kind: str | None = None) -> Model:
    """Make a model of tensors by PyTorch's names, all of one part, whose names begin with `prefix`."""
    layers = []
    for key in tensors:
        match = _NAME.fullmatch(key)
        assert match is not None
        if match["reverse"]:
            raise ValueError(f"{key} belongs to a bidirectional network, which reads the future: not supported")
        if match["stem"].endswith("hr"):
            raise ValueError(f"{key} belongs to a network with projections (proj_size), which are not supported")
        layers.append(match["layer"])
    if None in layers:  # one cell
        return _layer(tensors, prefix, "", kind)
    models: list[Model] = []
    for number in range(max(map(int, layers)) + 1):
        below = models[-1] if models else None
        models.append(_layer(tensors, prefix, f"_l{number}", kind, below=below))
        kind = models[0].cell.name
    return models[0] if len(models) == 1 else Model.stack(models)


def _layer(
    tensors: Mapping[str, Any], prefix: str, ending: str, kind: str | None, *, below: Model | None = None
) -> Model:
    """Make the model of one layer."""
    names = {stem: f"{prefix}{stem}{ending}" for stem in _STEMS}
    biases = [names[stem] for stem in _STEMS[2:] if names[stem] in tensors]
    needed = [names[stem] for stem in (_STEMS if biases else _STEMS[:2])]
    for name in needed:
        if name not in tensors:
            raise ValueError(f"{name} is missing: expected {', '.join(needed)}, got {', '.join(tensors)}")
    W = exact(names["weight_hh"], tensors[names["weight_hh"]], shape=(None, None))
    rows, n = W.shape
    told = kind_of(rows, n)
    if told is None or told != (kind or told):
        expected = {"tanh": "n (RNN)", "gru": "3n (GRU)", "lstm": "4n (LSTM)"}
        wanted = expected[kind] if kind else "n (RNN), 3n (GRU) or 4n (LSTM)"
        raise ValueError(f"{names['weight_hh']} must have {wanted} rows and n columns, got the shape {W.shape}")
    fed = None if below is None else below.n
    arrays = {"W": W, "U": exact(names["weight_ih"], tensors[names["weight_ih"]], shape=(rows, fed))}
    if biases:
        b, inner = (exact(names[stem], tensors[names[stem]], shape=(rows,)) for stem in _STEMS[2:])
        if told == "gru":
            arrays["b_n"] = inner[2 * n :].copy()
            inner[2 * n :] = 0.0
        arrays["b"] = b + inner
    return Model.from_arrays(told, **arrays)


def _called(module: Any) -> str:
    return type(module).__name__

"""Keras' recurrent networks, from a layer, a model or a list of weights. Keras itself is never imported.

Its matrices are the transposes of ours. Its gates stand in the order z, r, h for a GRU (ours: r, z, n) and i, f, c, o
for an LSTM (ours too). A GRU's reset acts after the product with the recurrent kernel, and then there are two rows of
biases; or before it (`reset_after=False`), and then there is one. The update is h' = z h + (1 - z) hh in both worlds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab.errors import one_of
from lyaplab.interop.parts import chosen, exact, framework_class, kind_of, taken
from lyaplab.model import Model

__all__ = ["from_keras"]

Array = NDArray[np.float64]

_FRAMEWORKS = ("keras", "tf_keras", "tensorflow")
_KINDS = {"SimpleRNN": "tanh", "GRU": "gru", "LSTM": "lstm"}
# A cell is one step of a layer, with the same weights; RNN wraps one, or a pile of them.
_CLASSES = {**_KINDS, **{f"{name}Cell": cell for name, cell in _KINDS.items()}}
_WRAPPERS = ("RNN", "StackedRNNCells", "Bidirectional")
_WANTED = "keras.layers.SimpleRNN, GRU and LSTM, or their cells"
# Layers that change nothing between two others in a trained network.
_PASSIVE = ("InputLayer", "Dropout", "SpatialDropout1D", "GaussianDropout", "GaussianNoise", "ActivityRegularization")
_DEFAULTS = {"activation": "tanh", "recurrent_activation": "sigmoid", "go_backwards": False}


def from_keras(
    source: Any, *, kind: str | None = None, reset_after: bool | None = None, part: str | None = None
) -> Model:
    """Take over a recurrent network of Keras': `SimpleRNN`, `GRU` (either way to reset) or `LSTM`.

    Numbers of any precision become float64 exactly. Dropout changes nothing in a trained network.

    Parameters
    ----------
    source : keras layer, keras model, list of layers, or list of arrays
        A layer; a model with one recurrent layer, or a Sequential one whose recurrent layers follow each other; layers
        from the bottom to the top; or the weights of one layer as `layer.get_weights()` returns them: kernel (m, k n),
        recurrent kernel (n, k n), and the bias where there is one.
    kind : str, optional
        "SimpleRNN", "GRU" or "LSTM", which the arrays must then be of; their shapes tell it by themselves.
    reset_after : bool, optional
        Of a GRU without bias, given as arrays: whether the reset acts after the product (Keras' default) or before it.
    part : str, optional
        Name of the layer that is meant in a larger model.

    Returns
    -------
    Model
        Of the cell "tanh", "gru" or "lstm"; several layers are a stack, whose state goes layer by layer (h, then c).

    Raises
    ------
    ValueError, TypeError
        If there is no such network, or several that do not follow each other; if it is bidirectional, goes backwards
        or has other activations than tanh and sigmoid; if arrays do not fit each other, or are not finite.

    Examples
    --------
    >>> import numpy as np
    >>> kernel, recurrent, bias = np.ones((2, 9)), np.zeros((3, 9)), np.zeros((2, 9))
    >>> net = from_keras([kernel, recurrent, bias], kind="GRU")
    >>> net.cell.name, net.n, net.m, int(net.weights["reset_after"])
    ('gru', 3, 2, 1)
    """
    if isinstance(source, list | tuple):
        if source and all(hasattr(each, "get_weights") for each in source):
            layers = list(source)
        else:
            if part is not None:
                raise ValueError(f"part has no effect beside a list of arrays, got part={part!r}")
            return _of_arrays(source, kind=kind, reset_after=reset_after)
    elif not hasattr(source, "get_weights"):
        raise TypeError(
            "source must be a layer or model of Keras, a list of layers, or a list of arrays, got"
            f" {type(source).__name__}" + (": take ll.from_torch" if hasattr(source, "state_dict") else "")
        )
    else:
        layers = _layers(source, part)
    if kind is not None or reset_after is not None:
        raise ValueError("kind and reset_after have no effect beside a layer, which tells them: leave them out")
    models = [_of_layer(step) for layer in layers for step in _unwrapped(layer)]
    return models[0] if len(models) == 1 else Model.stack(models)


def _layers(source: Any, part: str | None) -> list[Any]:
    """Return the recurrent layers of a layer or model, from the bottom to the top."""
    if not hasattr(source, "layers"):
        return [source]
    inside = _leaves(source)
    found = {layer.name: layer for layer in inside if _is_recurrent(layer)}
    if len(found) > 1 and part is None and _follow_each_other(source, inside):
        names = list(found)
        around = [layer.name for layer in inside if layer.name not in found and layer.get_weights()]
        if around:
            layers = ", ".join(f"model.get_layer({name!r})" for name in names)
            taken(repr(source.name), ", ".join(map(repr, names)), f"ll.from_keras([{layers}])")
        return list(found.values())
    name, layer = chosen(part, found, source=f"the model {source.name!r}", wanted=_WANTED)
    if part is None and len(inside) > 1:
        taken(repr(source.name), f"{name!r} ({type(layer).__name__})", f"part={name!r}")
    return [layer]


def _leaves(model: Any) -> list[Any]:
    """Return all layers of a model, those of models inside it in their place."""
    return [leaf for layer in model.layers for leaf in (_leaves(layer) if hasattr(layer, "layers") else [layer])]


def _is_recurrent(layer: Any) -> bool:
    return framework_class(layer, (*_CLASSES, *_WRAPPERS), _FRAMEWORKS) is not None


def _follow_each_other(model: Any, inside: Sequence[Any]) -> bool:
    """Tell whether the recurrent layers of a model feed each other and nothing is between them."""
    models = [model, *(layer for layer in model.layers if hasattr(layer, "layers"))]
    if not all(framework_class(each, ("Sequential",), _FRAMEWORKS) for each in models):
        return False
    places = [place for place, layer in enumerate(inside) if _is_recurrent(layer)]
    between = inside[places[0] : places[-1]]
    return all(_is_recurrent(layer) or framework_class(layer, _PASSIVE, _FRAMEWORKS) for layer in between)


def _unwrapped(layer: Any) -> list[Any]:
    """Return the layer, or the cells that `keras.layers.RNN` wraps."""
    base = framework_class(layer, (*_CLASSES, *_WRAPPERS), _FRAMEWORKS)
    what = f"{getattr(layer, 'name', layer)!r} ({type(layer).__name__})"
    if base is None or (base.__name__ in _WRAPPERS and type(layer) is not base):  # such as ConvLSTM1D, an RNN as well
        raise ValueError(f"{what} is not supported: expected {_WANTED}")
    if base.__name__ == "Bidirectional":
        raise ValueError(f"{what} is bidirectional: it reads the future, so it has no state that moves forward")
    if type(layer).call is not base.call:  # type: ignore[attr-defined]
        raise ValueError(
            f"{what} has a call of its own, which is not looked into: if its steps are those of {base.__name__}, pass"
            " its get_weights()"
        )
    if base.__name__ in _CLASSES:
        return [layer]
    _refuse_options(layer, what)
    inner = layer.cells if base.__name__ == "StackedRNNCells" else [layer.cell]
    return [step for cell in inner for step in _unwrapped(cell)]


def _of_layer(layer: Any) -> Model:
    base = framework_class(layer, _CLASSES, _FRAMEWORKS)
    assert base is not None
    what = f"{layer.name!r} ({type(layer).__name__})"
    _refuse_options(layer, what)
    weights = layer.get_weights()
    if not weights:
        raise ValueError(f"{what} has no weights yet: call it on some input, or build it")
    config = layer.get_config()
    kind = base.__name__.removesuffix("Cell")
    reset_after = bool(config.get("reset_after", False)) if kind == "GRU" else None
    return _of_arrays(weights, kind=kind, reset_after=reset_after, of=f" of {layer.name!r}")


def _refuse_options(layer: Any, what: str) -> None:
    """Refuse, by its name, what a layer does otherwise than the cells here."""
    config = layer.get_config()
    for name, expected in _DEFAULTS.items():
        value = config.get(name, expected)
        if value != expected:
            shown = value.get("config", value) if isinstance(value, dict) else value
            raise ValueError(f"{what} has {name}={shown!r}, which is not supported: expected {expected!r}")


def _of_arrays(arrays: Sequence[Any], *, kind: str | None, reset_after: bool | None, of: str = "") -> Model:
    """Make the model of one layer from its kernel, recurrent kernel and bias."""
    if len(arrays) not in (2, 3):
        raise ValueError(
            f"source must be a list of kernel, recurrent kernel and, where there is one, bias{of}, got {len(arrays)}"
        )
    recurrent = exact(f"recurrent_kernel{of}", arrays[1], shape=(None, None))
    n, columns = recurrent.shape
    told = kind_of(columns, n)
    name = next((name for name, cell in _KINDS.items() if cell == told), None)
    if told is None or name is None or (kind is not None and one_of("kind", kind, _KINDS) != name):
        blocks = {"SimpleRNN": "n", "GRU": "3n", "LSTM": "4n"}
        wanted = blocks[kind] if kind else "n (SimpleRNN), 3n (GRU) or 4n (LSTM)"
        raise ValueError(f"recurrent_kernel{of} must have n rows and {wanted} columns, got the shape {recurrent.shape}")
    given = {"W": recurrent.T, "U": exact(f"kernel{of}", arrays[0], shape=(None, columns)).T}
    bias = arrays[2] if len(arrays) == 3 else None
    if told != "gru":
        if reset_after is not None:
            raise ValueError(f"reset_after has no effect: it belongs to GRU, and the arrays are those of {name}")
        if bias is not None:
            given["b"] = exact(f"bias{of}", bias, shape=(columns,))
        return Model.from_arrays(told, **given)
    return Model.from_arrays(
        "gru", **{key: _reordered(array, n) for key, array in given.items()}, **_gru_biases(bias, n, reset_after, of)
    )


def _gru_biases(bias: Any, n: int, reset_after: bool | None, of: str) -> dict[str, Any]:
    """Return b, b_n and reset_after of a GRU; two rows of biases say that the reset acts after the product."""
    if bias is None:
        if reset_after is None:
            raise ValueError("reset_after must be said for a GRU without bias: True is Keras' default")
        return {"reset_after": int(reset_after)}
    two = np.ndim(bias) == 2 if reset_after is None else reset_after
    both = exact(f"bias{of}", bias, shape=(2, 3 * n) if two else (3 * n,))
    if not two:
        return {"b": _reordered(both, n), "reset_after": 0}
    outer, inner = (_reordered(row, n) for row in both)
    b_n = inner[2 * n :].copy()
    inner[2 * n :] = 0.0
    return {"b": outer + inner, "b_n": b_n, "reset_after": 1}


def _reordered(rows: Array, n: int) -> Array:
    """Return the blocks z, r, h of a GRU of Keras' in the order r, z, n."""
    return np.concatenate([rows[n : 2 * n], rows[:n], rows[2 * n :]])

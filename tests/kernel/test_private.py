"""Private names of Numba: here is told when a release takes one away; lyaplab itself then goes on, only slower."""

from __future__ import annotations

import numpy as np
import pytest

from lyaplab.kernel import blas, kernel
from lyaplab.kernel import compile as compiling

SPECTRUM = "import lyaplab as ll; print(*ll.Model('henon', a=0.7).lyapunov_spectrum(200).exponents)"


def test_the_private_names_are_there():
    assert compiling.PRIVATE_NAMES_PRESENT
    assert blas._HAS_BLAS
    dispatcher = kernel(lambda x: x)
    assert hasattr(dispatcher, "_cache") and hasattr(dispatcher, "_compile_for_args")


def test_without_private_names_kernels_run_uncached(fresh):
    _, expected = fresh.run("import lyaplab as ll; print(ll.Model('logistic').orbit(5)[-1, 0])")
    fresh.cache = fresh.folder / "other"
    script = "from lyaplab.kernel import compile as c; c.PRIVATE_NAMES_PRESENT = False\n"
    count, result = fresh.run(script + "import lyaplab as ll; print(ll.Model('logistic').orbit(5)[-1, 0])")
    assert result == expected
    assert count == 0
    assert not fresh.cache.exists()


def test_plain_python_gives_the_same_spectrum(fresh):
    _, compiled = fresh.run(SPECTRUM)
    _, plain = fresh.run(SPECTRUM, NUMBA_DISABLE_JIT="1")
    np.testing.assert_allclose(np.array(plain.split(), float), np.array(compiled.split(), float), rtol=1e-9)


@pytest.mark.parametrize("transpose_a", [False, True])
@pytest.mark.parametrize("transpose_b", [False, True])
@pytest.mark.parametrize(("alpha", "beta"), [(1.0, 0.0), (-1.0, 1.0)])
def test_without_the_entry_of_blas_loops_take_over(monkeypatch, transpose_a, transpose_b, alpha, beta):
    monkeypatch.setattr(blas, "_HAS_BLAS", False)
    product = blas._product(transpose_a=transpose_a, transpose_b=transpose_b, alpha=alpha, beta=beta)
    multiply = kernel(lambda A, B, C: product(A, B, C))
    rng = np.random.default_rng(0)
    A = rng.standard_normal((4, 3) if transpose_a else (3, 4))
    B = rng.standard_normal((5, 4) if transpose_b else (4, 5))
    C = rng.standard_normal((3, 5))
    expected = alpha * (A.T if transpose_a else A) @ (B.T if transpose_b else B) + beta * C
    multiply(A, B, C)
    np.testing.assert_allclose(C, expected, rtol=1e-12)

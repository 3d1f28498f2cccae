"""A stack is made at run time, and still its machine code is found again by another process."""

from __future__ import annotations

STACK = """
import lyaplab as ll
net = ll.Model.stack([ll.Model("leaky", n={n}, m=1, gain=0.5), ll.Model("tanh", n=2, m={n}, gain=0.5)])
print(net.orbit(3).shape)
"""


def test_a_second_process_compiles_nothing_for_layers_of_the_same_kinds(fresh):
    first, before = fresh.run(STACK.format(n=2))
    second, after = fresh.run(STACK.format(n=3))
    assert (first > 0, second) == (True, 0)
    assert (before, after) == ("(3, 4)", "(3, 5)")


def test_other_kinds_are_compiled_anew(fresh):
    fresh.run(STACK.format(n=2))
    assert fresh.run(STACK.replace("leaky", "linear").format(n=2))[0] > 0

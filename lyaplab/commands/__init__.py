"""What the command ``lyaplab`` can do: one module a sub-command, each with `arguments(parser)` and `run(options)`."""

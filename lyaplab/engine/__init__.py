"""How lyaplab measures: arrays in, arrays out. The engine knows no cell by name; Model brings them together."""

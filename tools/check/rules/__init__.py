"""One house rule per module; each has `check(tree)`, and its docstring says the rule."""

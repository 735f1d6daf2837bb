"""The checks of the house style; each has check(tree) -> list of problems as text."""

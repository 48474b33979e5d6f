"""Tests of typical changes to Comity, each of which is made in a copy, used, and counted in files and lines.

- `changes.py` holds the changes, one function each; what CONTRIBUTING.md teaches is taken from its examples.
- `tree.py` holds the project's text with changes in it. A change names its places: rows by their key, functions and
  members by name, words. So it survives what moves; where a place is gone, `StaleError` says which.
- `table.csv` says how many files and lines each change touched at first (`_before`), and touches now. CONTRIBUTING.md
  shows it. `python -m tests.changes` measures again and writes both.
- A number that rises is a warning of `test_changes.py`, until the column `reason` says why: it is no wall. A change
  that cannot be made any more, or that does not work, is an error: renew its function in `changes.py`.

Where a recipe becomes short, it moves into CONTRIBUTING.md: a section “A liaison body” with its blocks, and here
`taught("liaison body", "…")` in place of the function. `use` is Python that must pass in a copy with the change, in
plain Python; `compiles=True` has its rules compiled too, by `make compilations` and `make test-all`.
"""

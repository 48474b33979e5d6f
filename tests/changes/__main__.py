"""Counts the files that each sample change to the code touches: `python -m tests.changes`."""

from tests.changes.table import as_markdown, rows, write

for line in write():
    print(line)
print(as_markdown(rows()), end="")

"""Counts what each change touches, for table.csv and CONTRIBUTING.md: `python -m tests.changes`."""

from tests.changes.table import as_markdown, rows, write

for line in write():
    print(line)
print(as_markdown(rows()), end="")

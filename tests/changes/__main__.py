"""`python -m tests.changes`: counts what each change touches, and writes table.csv and CONTRIBUTING.md's table."""

from tests.changes.table import as_markdown, rows, write

for line in write():
    print(line)
print(as_markdown(rows()), end="")

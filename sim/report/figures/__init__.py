"""Five kinds of figure, each drawn from tables, and the content of every figure in a report."""

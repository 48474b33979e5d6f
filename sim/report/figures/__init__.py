"""Five kinds of figure over frames, and the content of each figure in a report."""

"""Five kinds of figure over frames, and what each figure of a report shows of a view."""

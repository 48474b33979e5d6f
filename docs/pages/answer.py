"""Generates the text of the reference comparison's short answer, which a tutorial shows."""

import sim
from docs.pages.links import ROOT
from sim.report.marking import marked


def page() -> str:
    """Sentences of the reference comparison's answer, as Markdown paragraphs."""
    headline = sim.open(ROOT / "results" / "reference").headline
    return "\n\n".join(marked(line) for line in headline.splitlines()) + "\n"

"""The short answer of the reference comparison, which a tutorial shows: as its folder says it today."""

import sim
from docs.pages.links import ROOT
from sim.report.marking import marked


def page() -> str:
    """Sentences as paragraphs of Markdown."""
    headline = sim.open(ROOT / "results" / "reference").headline
    return "\n\n".join(marked(line) for line in headline.splitlines()) + "\n"

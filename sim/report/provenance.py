"""What results rest on, in words: verified, recalled or judged inputs, and the judgements of most influence."""

import csv
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files

from sim.experiments.analyse.influence import LEVELS, POLICY, Influence, shipped_influence
from sim.law.vocabulary import EvidenceTag
from sim.measures.outcomes import outcome
from sim.report.words import in_unit, number
from sim.world.parameters import declarations

_TAG_COLUMN = "status"
#: Above this part of noise an effect is said to be mostly that.
_MOSTLY = 0.5
#: The evidence tag that each status of the data files amounts to; partly recalled counts as recalled.
_TAGS = dict.fromkeys(("mixed", "recalled (not retrieved)"), EvidenceTag.RECALLED) | {tag: tag for tag in EvidenceTag}


def parameter_tags() -> Counter[str]:
    """Number of model parameters by evidence tag."""
    return Counter(str(declaration.tag) for _, _, declaration in declarations())


def data_tags() -> dict[str, Counter[str]]:
    """Rows by evidence tag, for every data file that carries one."""
    counted: dict[str, Counter[str]] = {}
    for entry in sorted(files("sim.data").iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".csv"):
            with entry.open(encoding="utf-8") as lines:
                rows = csv.DictReader(lines)
                if _TAG_COLUMN in (rows.fieldnames or ()):
                    counted[entry.name] = Counter(_TAGS.get(row[_TAG_COLUMN], "other") for row in rows)
    return counted


def in_words() -> str:
    """Two sentences on what the inputs rest on, and the files with most recalled rows."""
    parameters, data = parameter_tags(), data_tags()
    total = sum(data.values(), Counter[str]())
    recalled = {name: tags[EvidenceTag.RECALLED] for name, tags in data.items() if tags[EvidenceTag.RECALLED]}
    worst = sorted(recalled, key=lambda name: -recalled[name])[:5]
    named = ", ".join(f"{name} ({recalled[name]} of {sum(data[name].values())} rows)" for name in worst)
    return (
        f"Of {sum(parameters.values())} model parameters, {parameters[EvidenceTag.JUDGEMENT]} are judgement "
        f"and {parameters[EvidenceTag.VERIFIED]} rest on a source that was read. Of {sum(total.values())} "
        f"rows of data with a flag, {total[EvidenceTag.VERIFIED]} are verified, "
        f"{total[EvidenceTag.RECALLED]} are wholly or partly recalled rather than looked up, "
        f"{total[EvidenceTag.JUDGEMENT]} are judgement. Most recalled rows stand in {named or 'no file'}; "
        "each row names its own source in `sim/data/`."
    )


def influence_in_words() -> str:
    """What drives the outcomes most, how that was found, and what it cannot say."""
    rows = shipped_influence()
    levels = [row for row in rows if row.about == LEVELS]
    if not levels:
        return "The influence of the judgement parameters is untested."
    first = levels[0]
    return (
        f"By a Morris screening of {number(first.runs)} runs in a reduced world ({first.world}; {first.made}, version "
        f"{first.code}), the five judgement parameters that move the headline outcomes most are "
        f"{'; '.join(_named(row) for row in levels)}. Shares are of the influence of all judgement parameters, each "
        "moved a quarter of the way from its default to the ends of its range; brackets are 95 % intervals over "
        f"{first.trajectories} trajectories. {_unclear(levels)}{_policy(rows)}"
    )


def _named(row: Influence) -> str:
    """A parameter with its share, and what it does most to."""
    about = outcome(row.outcome)
    low, high = (number(end, about.unit) for end in (row.effect_low, row.effect_high))
    unit = in_unit(about.unit)
    noise = ", mostly replicate noise" if row.noise_share > _MOSTLY else ""
    return (
        f"`{row.parameter}` ({100 * row.share:.1f} %, {100 * row.share_low:.1f} to {100 * row.share_high:.1f}; moves "
        f"“{about.title.lower()}” by {number(row.effect, about.unit)}{unit}, {low} to {high}{noise})"
    )


def _unclear(levels: Sequence[Influence]) -> str:
    """Which of the five cannot be distinguished from zero."""
    unclear = [f"`{row.parameter}`" for row in levels if not row.clear]
    if not unclear:
        return ""
    one = len(unclear) == 1
    whose = "its interval begins" if one else "their intervals begin"
    return f"The place of {', '.join(unclear)} among the five is uncertain: {whose} at zero. "


def _policy(rows: Sequence[Influence]) -> str:
    """What is known of the differences that policies make."""
    policy = [row for row in rows if row.about == POLICY]
    if not policy:
        return "Their influence on what a policy changes is untested."
    clear = [f"`{row.parameter}`" for row in policy if row.clear]
    if not clear:
        return "There, replicate noise hides which parameters drive the *difference* that a policy makes."
    return f"The difference that a policy makes depends most on {', '.join(clear)}."

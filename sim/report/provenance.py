"""What results rest on, in words: verified, recalled or judged inputs, and the judgements of most influence."""

import csv
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files

from sim.data.influence import LEVELS, POLICY_EFFECT, PlausibleInfluence, shipped_influence
from sim.law.order import legal_order
from sim.law.vocabulary import EvidenceTag
from sim.measures.outcomes import outcome
from sim.results.words import counted, number
from sim.world.parameters import WorldSpec, declarations

_TAG_COLUMN = "status"
#: The evidence tag that each status of the data files amounts to; partly recalled counts as recalled.
_TAGS = dict.fromkeys(("mixed", "recalled (not retrieved)"), EvidenceTag.RECALLED) | {tag: tag for tag in EvidenceTag}


def parameter_tags() -> Counter[str]:
    """Number of model parameters by evidence tag."""
    return Counter(str(declaration.tag) for _, _, declaration in declarations())


def data_tags() -> dict[str, Counter[str]]:
    """Rows by evidence tag, for every data file that carries one."""
    by_file: dict[str, Counter[str]] = {}
    for entry in sorted(files("sim.data").iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".csv"):
            with entry.open(encoding="utf-8") as lines:
                rows = csv.DictReader(lines)
                if _TAG_COLUMN in (rows.fieldnames or ()):
                    by_file[entry.name] = Counter(_TAGS.get(row[_TAG_COLUMN], "other") for row in rows)
    return by_file


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


def part_of_the_world(world: WorldSpec) -> str:
    """A warning where a world is smaller than the real one."""
    if not world.states:
        return ""
    return (
        f"A part of the world, for trying things out: {counted(len(world.states), 'state')} of "
        f"{len(legal_order().states)} and about {counted(world.groups, 'group')} of {WorldSpec().groups}. "
        "Its numbers mean nothing."
    )


def influence_in_words() -> str:
    """What drives the outcomes most, how that was found, and what is not known."""
    rows = shipped_influence()
    levels, policy = ([row for row in rows if row.about == about] for about in (LEVELS, POLICY_EFFECT))
    if not levels:
        return "The influence of the judgement parameters is untested."
    first = levels[0]
    return (
        f"Over {number(first.runs)} worlds, in which all judgement and recalled parameters are drawn from their "
        f"plausible ranges at once ({first.made}, version {first.code}), those that go with most of the variation of a "
        f"headline outcome are {'; '.join(map(_named, levels))}. No other can be distinguished from chance. "
        f"{_policy(policy)}"
    )


def _named(row: PlausibleInfluence) -> str:
    """A parameter with the outcome that it moves most."""
    title = outcome(row.outcome).title.lower()
    ends = f"{row.correlation:+.2f}, {row.correlation_low:+.2f} to {row.correlation_high:+.2f}".replace("-", "−")
    return f"`{row.parameter}` ({100 * row.share:.0f} % of “{title}”; rank correlation {ends})"


def _policy(policy: Sequence[PlausibleInfluence]) -> str:
    """What is known of the differences that policies make."""
    if not policy:
        return "Chance hides which parameters drive the *difference* that a policy makes."
    return f"The difference that a policy makes goes most with {'; '.join(map(_named, policy))}."

"""Which inputs are verified, recalled or judgement: counted from the data themselves."""

import csv
from collections import Counter
from importlib.resources import files

from sim.law.vocabulary import EvidenceTag
from sim.world.parameters import declarations

_TAG_COLUMN = "status"
#: Words of the data files for values that nobody has looked up again.
_RECALLED = ("recalled", "mixed", "recalled (not retrieved)")


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
                    counted[entry.name] = Counter(_tag(row[_TAG_COLUMN]) for row in rows)
    return counted


def _tag(word: str) -> str:
    """The evidence tag that a status amounts to; partly recalled counts as recalled."""
    if word in _RECALLED:
        return str(EvidenceTag.RECALLED)
    return word if word in tuple(EvidenceTag) else "other"


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

"""Writes the modellers' own forms on open choices: `python -m docs.programs.forms`.

They say today's prior, which is even over the plausible range of each parameter, and are marked as the modellers'. No
expert from outside has filled a form yet.
"""

import sys

from docs.programs import DOCS
from sim.calibration.judgement import form_text, of_prior
from sim.results.depends import open_choices

FOLDER = DOCS / "judgement" / "modellers"
EXPERT = "the modellers of Comity (their prior; no expert from outside)"

if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for choice in open_choices():
        answers = {name: [f"{value:.6g}" for value in values] for name, values in of_prior(choice).items()}
        (FOLDER / f"{choice.key}.yaml").write_text(form_text(choice, answers, EXPERT), encoding="utf-8")
    sys.stdout.write(f"{FOLDER.name} are written\n")

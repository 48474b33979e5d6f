"""Updates the checksums of stored studies: `make seal`.

Some files of the studies in `results/` are taken away, and some are made again after a change of words. Nothing is
simulated: pages are written from the stored tables where these can be read, so that they show the digest of what is
there.
"""

import re
import sys
from pathlib import Path

from sim.experiments import seal, store
from sim.experiments.manifest import read_manifest
from sim.experiments.study import STUDY
from sim.report.page.parts import for_phone, write_manifest, write_page
from sim.report.pages import page_of
from sim.report.studies import read_report

_PICTURE = re.compile(r"(!\[[^\]]*\]\(figures/\w+)\.png\)")


def sealed(folder: Path) -> str:
    """Writes pages, manifest and checksums of a finished study; returns the digest of its tables.

    Where drawings for phones were taken away, the pages stay as they are, but for the digest.
    """
    seal.unseal(folder)
    made = read_manifest(folder / store.MANIFEST)
    before, made["digest"] = made.get("digest", ""), seal.digest(seal.summed(folder))
    figures = folder / store.FIGURES
    if any(figures.glob(f"{for_phone('*')}.svg")) and (folder / STUDY).exists():
        kind = "png" if any(figures.glob("*.png")) else "svg"
        view = read_report(folder)
        drawn = [path.stem for path in sorted(figures.glob("*.svg"))]
        write_page(page_of(view, drawn, made), folder, kind=kind)
    elif before:
        for page in (folder / store.SUMMARY, folder / store.REPORT):
            text = page.read_text("utf-8").replace(before[: seal.SHORT], made["digest"][: seal.SHORT])
            if not any(figures.glob("*.png")):
                text = _PICTURE.sub(r"\1.svg)", text)
            page.write_text(text, encoding="utf-8")
    write_manifest(made, folder)
    seal.seal(folder)
    return str(made["digest"])


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(f"{name}: {sealed(Path(name))[: seal.SHORT]}")

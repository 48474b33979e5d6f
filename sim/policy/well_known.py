"""Keys of scenarios that the program refers to, and the folders scenarios/ and conf/."""

from pathlib import Path

#: What others are compared with: law and practice as they are.
BASELINE = "status_quo"
#: Policies of a comparison that names none, in the order in which they are shown.
COMPARED = ("harmonised_law", "faster_mlat", "stronger_liaison", "all_three")
#: The two ends of the ladder.
LOWER_BOUND, UPPER_BOUND = "no_cooperation", "full_cooperation"


def resource_folder(name: str) -> Path:
    """The folder `scenarios` or `conf`: next to the package in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the folder {name} is missing next to {package}: install Comity again")

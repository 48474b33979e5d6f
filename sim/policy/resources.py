"""Finds scenarios/ and conf/: next to the package in a checkout, inside it when installed."""

from pathlib import Path


def resource_folder(name: str) -> Path:
    """A folder of files that travel with the package.

    Args:
        name: `scenarios` or `conf`.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the folder {name} is missing next to {package}: install Comity again")

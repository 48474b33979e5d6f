"""Finds the figures of gallery scripts for Sphinx-Gallery, which looks only for open windows."""

import ast
from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure
from sphinx_gallery.scrapers import figure_rst

#: Resolution of a picture; a page shows some 720 pixels of a figure of 8 to 11 inches, and twice as many on fine
#: screens.
_DOTS_PER_INCH = 130


def figures_of_block(block: Any, block_vars: Mapping[str, Any], gallery_conf: Mapping[str, Any]) -> str:
    """Saves the figures to which a block of a gallery script gives names; returns the text that shows them.

    Args:
        block: the block's kind, text and line.
        block_vars: the script's names, and an iterator over places for pictures.
        gallery_conf: the gallery's settings.

    Returns:
        Directives that show the pictures.
    """
    saved, titles = [], []
    for name in _assigned(block[1]):
        value = block_vars["example_globals"].get(name)
        if isinstance(value, Figure):
            path = next(block_vars["image_path_iterator"])
            value.savefig(path, dpi=_DOTS_PER_INCH, metadata={"Software": None})
            saved.append(path)
            titles.append(_title(value))
    return figure_rst(saved, gallery_conf["src_dir"], "; ".join(titles))


def _title(figure: Figure) -> str:
    """Title of a figure, or of its first axes."""
    on_top = [text.get_text() for text in figure.texts[:1]] + [axes.get_title("left") for axes in figure.axes[:1]]
    return " ".join(next((words for words in on_top if words), "").split())


def _assigned(code: str) -> list[str]:
    """Names that some code assigns, in order."""
    targets = (target for node in ast.parse(code).body if isinstance(node, ast.Assign) for target in node.targets)
    return list(dict.fromkeys(target.id for target in targets if isinstance(target, ast.Name)))

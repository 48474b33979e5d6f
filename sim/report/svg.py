"""What makes an SVG file of matplotlib fit for a page: a name, a description, and no marks that meet those of others.

Saving happens in processes of their own: this module needs no other that is heavy.
"""

import re
from collections.abc import Sequence
from html import escape

from sim.policy.problem import printable

#: The style that matplotlib writes for all elements of the page in which the drawing stands.
_STYLE = re.compile(r"\s*<defs>\s*<style type=\"text/css\">[^<]*</style>\s*</defs>")
#: Names that matplotlib gives to groups; nothing refers to them, and two drawings on a page would share them.
_GROUP = re.compile(r'<g id="[^"]*">')
#: The fonts, which matplotlib repeats with every text.
_FONT = re.compile(r"; font-family: [^;\"]*(?=[;\"])")
_OPENING = re.compile(r"<svg ([^>]*)>")


def labelled(svg: str, name: str, title: str, description: str, fonts: Sequence[str]) -> str:
    """A drawing that screen readers announce, and that can stand in a page beside others.

    Args:
        svg: as matplotlib writes it.
        name: of the figure, unique on a page.
        title: plain text; escaped here.
        description: plain text; escaped here.
        fonts: families in order of preference.
    """
    marks = {
        "role": "img",
        "aria-labelledby": f"{name}-title",
        "aria-describedby": f"{name}-desc",
        "stroke-linejoin": "round",
        "stroke-linecap": "butt",
        "font-family": ", ".join(fonts),
    }
    attributes = " ".join(f'{key}="{escape(value)}"' for key, value in marks.items())
    words = f'<title id="{escape(name)}-title">{_text(title)}</title>\n <desc id="{escape(name)}-desc">'
    words += f"{_text(description)}</desc>"
    plain = _GROUP.sub("<g>", _FONT.sub("", _STYLE.sub("", svg)))
    return _OPENING.sub(lambda found: f"<svg {found[1]} {attributes}>\n {words}", plain, count=1)


def _text(words: str) -> str:
    """Text as it may stand in XML: marks escaped, no control characters."""
    return escape(printable(" ".join(words.split())))

"""Changes to generated HTML for people who use a keyboard or a screen reader."""

import re

_CAPTION = re.compile(r'(<p class="caption" role="heading")>')
_LISTING = re.compile(r"<pre>")
#: A picture of the gallery, whose link shows no text of its own.
_PICTURE = re.compile(r'<a (class="reference internal" href="plot_\w+\.html")><span class="doc">([^<]*)</span>')


def accessible(text: str) -> str:
    """Makes a part of a page accessible: levels of headings, scrollable listings, names of links.

    Args:
        text: the HTML as Sphinx made it.
    """
    text = _CAPTION.sub(r'\1 aria-level="2">', text)
    text = _LISTING.sub('<pre tabindex="0">', text)
    return _PICTURE.sub(r'<a \1 aria-label="\2"><span class="doc">\2</span>', text)

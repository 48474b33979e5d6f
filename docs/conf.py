"""Configuration of the documentation site for Sphinx: `make site`."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from docs.pages.accessible import accessible
from docs.pages.figures import figures_of_block
from docs.pages.links import turned
from docs.pages.tables import with_tables
from docs.pages.write import write_all

project = "Comity"
author = "The Comity authors"
project_copyright = "The Comity authors; Apache-2.0"
version = release = version_of("comity")

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_gallery.gen_gallery"]
exclude_patterns = [
    "odd.template.md",
    "gallery/*",
    "pages/*",
    "generated/gallery/**/*.ipynb",
    "generated/gallery/**/*.zip",
]
suppress_warnings = [
    "config.cache",  # a function of the gallery's settings cannot be kept between builds
]

html_theme = "furo"
html_title = "Comity"
html_static_path = ["static"]
html_css_files = ["comity.css"]
html_js_files = [("tables.js", {"defer": "defer"})]
html_copy_source = False
html_show_sphinx = False

myst_enable_extensions = ["attrs_inline", "colon_fence"]
myst_heading_anchors = 4

nb_execution_mode = "force"  # results must follow the code
nb_execution_timeout = -1  # a busy machine is no mistake
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_merge_streams = True
nb_ipywidgets_js = {}  # widgets would be fetched from elsewhere

default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

sphinx_gallery_conf = {
    "examples_dirs": "gallery",
    "gallery_dirs": "generated/gallery",
    "filename_pattern": r"\.py$",
    "image_scrapers": (figures_of_block,),
    "run_stale_examples": True,  # pictures must follow the code as well
    "within_subsection_order": "FileNameSortKey",
    "capture_repr": (),
    "reset_modules": (),
    "download_all_examples": False,
    "notebook_extensions": set(),
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 1000,
    "write_computation_times": False,
    "nested_sections": False,
}


def setup(app):
    """Connects this file to Sphinx: writes generated pages, and adapts links and HTML."""
    write_all()
    app.connect("source-read", _turn)
    app.connect("html-page-context", _open_to_all, priority=900)  # once the theme has made its own parts


def _open_to_all(_app, _name, _template, context, _doctree):
    """Changes the HTML of a page so that a keyboard or a screen reader can use it."""
    for part in ("body", "furo_navigation_tree"):
        if context.get(part):
            context[part] = accessible(context[part])


def _turn(app, name, source):
    """Adapts the links in the source of one page, in place."""
    page = Path(app.env.doc2path(name))
    if page.suffix == ".md":
        source[0] = turned(with_tables(source[0], page), page, page)

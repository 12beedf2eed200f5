"""How the documentation is built."""

import sys
from pathlib import Path

from kobo_async import __version__

sys.path.insert(0, str(Path(__file__).parent))

project = "kobo_async"
author = "The kobo_async developers"
copyright = author  # noqa: A001 - the name Sphinx wants
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "extension"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
napoleon_use_ivar = True
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
toc_object_entries = False  # each page would carry the methods of all others
python_maximum_signature_line_length = 80
html_theme = "furo"
html_title = f"kobo_async {release}"
nitpicky = True
nitpick_ignore_regex = [("py:.*", ".*")]  # signatures name types of other packages, too
suppress_warnings = ["ref.python"]  # two fields of one name, where either may be meant

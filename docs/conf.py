"""How the documentation is built."""

from kobo_async import __version__

project = "kobo_async"
author = "The kobo_async developers"
copyright = author  # noqa: A001 - the name Sphinx wants
release = version = __version__

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"kobo_async {release}"
nitpicky = True

"""Sphinx: `sphinx-build -W docs build/docs` makes the pages and the reference."""

import sys
from importlib import metadata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

project = "Tasklet Bench"
release = metadata.version("tasklet-bench")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
exclude_patterns = ["build"]
html_theme = "alabaster"
html_theme_options = {"description": "Searching for places of tasklets", "page_width": "60rem"}

myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence", "deflist"]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
add_module_names = False
default_role = "code"

"""Elements of SVG as text, for every drawing that the page embeds and that is written as a file.

>>> element("circle", cx=3, cy=4, r=1.25, class_="site")
'<circle cx="3" cy="4" r="1.25" class="site"/>'
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

COLOURS_OF_SITES = 8
"""Sites take turns with so many colours, the classes `s0` to `s7`."""

STYLE = """
svg { color-scheme: light dark; --paper: #fcfbf8; --ink: #1d2024; --soft: #5c6168; --land: #e9e5db; --sea: #f5f3ee;
  --link: #0072b266; --none: #e8e5df; --faint: #e8e5df; font: 14px ui-sans-serif, system-ui, "Segoe UI", sans-serif;
  --s0: #0072b2; --s1: #e69f00; --s2: #009e73; --s3: #cc79a7; --s4: #56b4e9; --s5: #d55e00; --s6: #f0e442;
  --s7: #8c8c8c; }
@media (prefers-color-scheme: dark) { svg { --paper: #14161a; --ink: #e8e6e1; --soft: #a2a7ae; --land: #2b3037;
  --sea: #191c21; --link: #4fa6e066; --none: #2c3036; --faint: #2c3036; } }
.paper { fill: var(--paper); } .sea { fill: var(--sea); } .land { fill: var(--land); }
.link { fill: none; stroke: var(--link); } .site { stroke: var(--paper); } .rule { stroke: var(--faint); }
.place { fill: var(--ink); stroke: var(--sea); paint-order: stroke; stroke-linejoin: round; }
.s0 { fill: var(--s0); } .s1 { fill: var(--s1); } .s2 { fill: var(--s2); } .s3 { fill: var(--s3); }
.s4 { fill: var(--s4); } .s5 { fill: var(--s5); } .s6 { fill: var(--s6); } .s7 { fill: var(--s7); }
text { fill: var(--ink); } .soft, .tick, .axis { fill: var(--soft); } .title { font-size: 24px; font-weight: 640; }
.head { font-size: 15px; font-weight: 620; } .none { fill: var(--none); } .tick, .axis { font-size: 11.5px; }
"""
"""What a file needs to look like the page, light or dark as its reader is; the page has the same classes."""


def element(tag: str, *children: str, **attributes: str | float | None) -> str:
    """An element with its attributes (`class_` for class, `_` for `-`; None is left out) around its children."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{written}>{''.join(children)}</{tag}>" if children else f"<{tag}{written}/>"


def text(words: str, x: float, y: float, kind: str = "", anchor: str | None = None) -> str:
    """A line of text of a class."""
    return element("text", escape(words), class_=kind or None, x=x, y=y, text_anchor=anchor)


def title(words: str) -> str:
    """What a reader sees who points at the element that holds it."""
    return element("title", escape(words))


def site_class(index: int) -> str:
    """The class that gives a site its colour."""
    return f"s{index % COLOURS_OF_SITES}"


def picture(width: float, height: float, name: str, parts: Iterable[str]) -> str:
    """A whole file: its parts on paper, with its own style, which asks for nothing."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img">\n{title(name)}<style>{STYLE}</style>\n'
        + element("rect", class_="paper", width=width, height=height)
        + "\n"
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _value(value: str | float) -> str:
    return escape(value) if isinstance(value, str) else f"{round(value, 2):.10g}"

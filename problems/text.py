"""Text from elsewhere, made fit to be printed, stored and repeated."""

from __future__ import annotations

import unicodedata

MOST_NAME = 80
"""Characters of a name of a site, a strategy or a campaign."""
MOST_PROBLEM_NAME = 240
"""Characters of a problem's name: the catalogue's own, with all their options, are longer than others."""
MOST_REPEATED = 80
"""Characters of somebody's input that a message repeats."""
FORMULA_SIGNS = "=+-@"
"""What a spreadsheet takes for the beginning of a formula."""

_KEPT = {"\n", "\t"}
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean(text: str) -> str:
    """The text with lone surrogates, NUL and other unprintable characters replaced; line breaks and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c in _KEPT or unicodedata.category(c) not in _UNPRINTABLE else "\ufffd" for c in text)


def shorten(value: object, most: int = MOST_REPEATED) -> str:
    """Somebody's input as a message may repeat it: printable, in one line, of at most so many characters."""
    text = str(value)
    cut = text[: most + 1]
    line = clean(cut).replace("\n", " ").replace("\t", " ")
    return line if len(text) <= most else f"{line[: most - 1]}…"


def name_fault(name: str, most: int = MOST_NAME) -> str | None:
    """What a name has to be, where this one is not; None for a name that can stand in tables, files and terminals."""
    if name.strip() and name.isprintable() and len(name) <= most and name[0] not in FORMULA_SIGNS:
        return None
    return f"a name of 1 to {most} printable characters that does not begin with one of {' '.join(FORMULA_SIGNS)}"

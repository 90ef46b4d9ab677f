"""The formats in which a summary can be written. Each has a module and writes from the same Summary and Store."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Callable, Sequence, TextIO

from reports.facts.store import Store
from reports.facts.summary import Summary
from reports.formats import as_csv, as_ctrf, as_github, as_json, as_junit, as_markdown
from reports.ledger.files import replace_file
from reports.page.render import render_page

Writing = Callable[[Summary, Store, TextIO], object]


@dataclass(frozen=True)
class Format:
    """One format: its name, the ending of its files, and the function that writes it to an open file.

    The ending is empty for a format that goes to stdout.
    """

    name: str
    ending: str
    write: Writing


def _write_page(summary: Summary, store: Store, file: TextIO) -> None:
    file.write(render_page(summary, store))


FORMATS = {
    one.name: one
    for one in (
        Format("html", ".html", _write_page),
        Format("json", ".json", as_json.write),
        Format("csv", ".csv", as_csv.write),
        Format("junit", ".xml", as_junit.write),
        Format("ctrf", ".ctrf.json", as_ctrf.write),
        Format("md", ".md", as_markdown.write),
        Format("github", "", as_github.write),
    )
}
DEFAULT = "reports/out/index"


def read_formats(words: str) -> list[Format]:
    """Return the formats named in a list separated by commas. It is the type of a command-line option.

    Raises ``ArgumentTypeError`` for an unknown format or an empty list.
    """
    names = [word.strip() for word in words.split(",") if word.strip()]
    unknown = [name for name in names if name not in FORMATS]
    if unknown or not names:
        near = get_close_matches(unknown[0].lower(), FORMATS, 1, 0.4) if unknown else []
        hint = "did you mean %s? " % near[0] if near else ""
        raise ArgumentTypeError(
            "there is no format %r; %sthere are %s" % (unknown[0] if unknown else words, hint, ", ".join(FORMATS))
        )
    return [FORMATS[name] for name in names]


def write_all(formats: Sequence[Format], output: str | None, summary: Summary, store: Store) -> None:
    """Write each format to a file of its own, or to stdout if it has no ending.

    If there is only one file, it gets exactly the name ``output``.
    """
    for one, path in output_paths(formats, output).items():
        if path is None:
            one.write(summary, store, sys.stdout)
        else:
            write_one(one, path, summary, store)


def output_paths(formats: Sequence[Format], output: str | None) -> dict[Format, Path | None]:
    """Return the file of each format, or None for stdout."""
    chosen = list(dict.fromkeys(formats))
    files = [one for one in chosen if one.ending] or (chosen if output else [])
    alone = Path(output) if output and len(files) == 1 else None
    return {one: (alone or _output_path(output, one)) if one in files else None for one in chosen}


def write_one(one: Format, path: Path, summary: Summary, store: Store) -> None:
    """Write one format to one file, and print the file's URL."""
    # CSV writes its own line ends. In the other formats no newline is translated.
    with replace_file(path, errors="backslashreplace", newline="") as file:
        one.write(summary, store, file)
    print("%s: %s" % ("page" if one.name == "html" else one.name, path.resolve().as_uri()))


def _output_path(output: str | None, one: Format) -> Path:
    """Return the requested file name with the format's own ending."""
    path = output or DEFAULT
    for ending in sorted((known.ending for known in FORMATS.values() if known.ending), key=len, reverse=True):
        if path.endswith(ending):
            path = path[: -len(ending)]
            break
    return Path(path + one.ending)

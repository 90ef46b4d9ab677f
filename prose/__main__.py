"""``python -m prose``: checks the words and sentences of the project's texts; with FILE arguments, of these.

It needs Node, and ``npm --prefix prose ci`` before the first run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from pathlib import Path

from prose.extract import Paragraph, extract_messages, extract_paragraphs

ROOT = Path(__file__).resolve().parents[1]
TEXTS = ("*.md", "*.py", "reports/page/templates/*.j2", "fixtures/deviations/*.toml")
SCRIPTS = ":(glob)reports/page/browser/*.js"  # without those of other projects, in vendor/


def main(arguments: list[str] | None = None) -> int:
    """Print the problems, one a line; return 1 if there is one, else 0."""
    parser = argparse.ArgumentParser(allow_abbrev=False, prog="python -m prose", description=__doc__)
    parser.add_argument("files", nargs="*", help="only these (default: all that Git tracks, and new ones)")
    paths = parser.parse_args(arguments).files or _list_files_with_prose()
    problems = find_problems({path: (ROOT / path).read_text(encoding="utf-8") for path in paths})
    print("\n".join(problems) if problems else "%d files: words and sentences are as they should be" % len(paths))
    return 1 if problems else 0


def find_problems(texts: dict[str, str]) -> list[str]:
    """Return one line for every problem in these texts, given by path."""
    divided = {
        (path, kind): extract(Path(path).suffix, text)
        for path, text in texts.items()
        for kind, extract in _find_extractors(path)
    }
    given = [{"path": path, "kind": kind, "text": _join_as_markdown(parts)} for (path, kind), parts in divided.items()]
    done = subprocess.run(
        ["node", str(ROOT / "prose" / "lint.js")],
        input=json.dumps(given),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [
        "%s:%d: %s" % (one["path"], _line_in_file(divided[one["path"], one["kind"]], one["line"]), one["message"])
        for one in json.loads(done.stdout)
    ]


def _find_extractors(path: str) -> Iterator[tuple[str, Callable[[str, str], list[Paragraph]]]]:
    """Yield the kinds of text in a file, and how they are extracted. The strings of a test are not messages."""
    if not path.endswith(".js"):
        yield "prose", extract_paragraphs
    if path.endswith((".py", ".js")) and not Path(path).name.startswith("test_"):
        yield "messages", extract_messages


def _list_files_with_prose() -> list[str]:
    """Return the files with prose, also those that Git does not track yet."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *TEXTS, SCRIPTS]
    listed = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    return sorted(path for path in set(listed) if (ROOT / path).exists())


def _join_as_markdown(parts: Iterable[Paragraph]) -> str:
    return "\n\n".join("\n".join(part.lines) for part in parts)


def _line_in_file(parts: list[Paragraph], line: int) -> int:
    """Return the line of the file that a line of its extracted Markdown comes from."""
    ends = list(accumulate(len(part.lines) + 1 for part in parts))
    part = next(number for number, end in enumerate(ends) if line <= end)
    return parts[part].line + line - 1 - (ends[part - 1] if part else 0)


if __name__ == "__main__":
    sys.exit(main())

"""Tests of the prose linter: it finds each kind of problem in each kind of text, at the right line."""

from __future__ import annotations

from pathlib import Path

import pytest

from prose.__main__ import find_problems, main

LONG = " ".join(["word"] * 30)

FAULTS = {
    "a forbidden word in the README": (
        "README.md",
        "# Title\n\nEach question is asked once.\n",
        3,
        "“question”, use “check”",
    ),
    "one at the end of a wrapped line": (
        "docs/a.md",
        "Some text and a\nmore about the twin\nof it.\n",
        2,
        "use “NumPy layer”",
    ),
    "several words": ("CHANGELOG.md", "- It has code to\n  paste.\n", 1, "use “snippet”"),
    "a long sentence over two lines": ("docs/a.md", "Short.\n\nThis is\n%s.\n" % LONG, 3, "32 words in one sentence"),
    "a long one after a short one": ("docs/a.md", "Up to 6. This is\n%s.\n" % LONG, 1, "32 words in one sentence"),
    "a long cell of a table": ("docs/a.md", "| a | b |\n|---|---|\n| c | %s d |\n" % LONG, 3, "31 words"),
    "a docstring": (
        "a.py",
        'def f():\n    """Return it.\n\n    Ask the clerk.\n    """\n',
        4,
        "use “a plain verb or noun”",
    ),
    "a comment behind code": ("a.py", "x = 1\ny = 2  # the second question\n", 2, "use “check”"),
    "a long comment": ("a.py", "x = 1\n# %s\n# is too long.\n" % LONG, 2, "33 words"),
    "a template": (
        "a.j2",
        "{% if x %}\n<p>A\n<b>glimpse</b> of it</p>\n{% endif %}\n",
        3,
        "use “a plain verb or noun”",
    ),
    "a message of Python": ("a.py", 'x = 1\nraise E("a question that is not %s" % x)\n', 2, "use “check”"),
    "an f-string": ("a.py", 'x = 1\ny = f"look into the book of {x}"\n', 2, "use “ledger”"),
    "a message of a script": ("a.js", '// a "book"\nsay("The book of a run is empty.");\n', 2, "use “ledger”"),
    "a template of a script": ("a.js", "say(\n  `${n} shots of ${m} were seen`);\n", 2, "use “fault matrix”"),
    "an explanation": ("a.toml", 'name = "book"\nbecause = """\nOne. \\\nThe book."""\n', 4, "use “ledger”"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_forbidden_word_or_a_long_sentence_is_found(name: str) -> None:
    """The problem is reported once, with its line."""
    path, text, line, message = FAULTS[name]
    (found,) = find_problems({path: text})
    assert found.startswith("%s:%d: " % (path, line))
    assert message in found


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.md", "It fails in the same way. Paste it. Do not double the time. The benchmark is `question`.\n"),
        ("a.md", "```python\nquestion = twin\n```\n\n%s. %s.\n" % (LONG, LONG)),
        ("a.md", "- %s\n- %s\n\n| %s | %s |\n|---|---|\n" % ((LONG,) * 4)),
        ("a.py", 'twin = "question"  # noqa: E402\n"""No docstring: a question."""\n'),
        ("a.py", "# %s\nx = 1  # %s\ny = 2  # %s\n" % ((LONG,) * 3)),
        ("a.py", '"""Return `question`.\n\n    >>> question\n    ... book\n"""\n'),
        (
            "a.j2",
            '<p title="question">{{ question }} <code>book</code></p>{# question #}<p>%s</p><p>%s</p>' % (LONG, LONG),
        ),
        ("a.py", 'raise E("a question, %s" % x)\nSQL = """select a::double as b\nfrom t"""\n'),
        ("a.py", 'text = "%s %s"\n' % (LONG, LONG)),
        ("test_a.py", 'assert "this question is not there" in text\n'),
        ("a.js", 'say("a question, short"); // what a question is that\nconst book = "a b c d";\n'),
        ("a.toml", 'name = "question"\ntitle = "A mismatch"\n'),
    ],
)
def test_names_code_and_short_sentences_have_no_problem(path: str, text: str) -> None:
    """30 words are not too many, and each comment behind code is a text of its own."""
    assert find_problems({path: text}) == []


def test_the_linters_exit_status_is_1_if_it_finds_a_problem(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Problems are printed; without one the number of files is printed and the status is 0."""
    bad, good = tmp_path / "bad.md", tmp_path / "good.md"
    bad.write_text("A question.\n", encoding="utf-8")
    good.write_text("A check.\n", encoding="utf-8")
    assert main([str(good)]) == 0
    assert capsys.readouterr().out.startswith("1 file")
    assert main([str(good), str(bad)]) == 1
    assert capsys.readouterr().out.startswith("%s:1: " % bad)

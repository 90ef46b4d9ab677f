"""Tests of the reader of matrix.toml: a wrong file is refused in one sentence with the table and the key."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

if sys.version_info < (3, 11):
    pytest.skip("matrix.toml is read with Python 3.11", allow_module_level=True)

from reports import matrix, matrix_file
from reports.matrix_file import MatrixError, read_cells, read_coming_cells

GOOD = """
[environments]
"tf2.15" = { python = "3.11", requires = ["tensorflow-cpu==2.15.1"], with = "more" }
[with.more]
unlocked = ["torch==2.13.0"]
[cells.tfkeras]
subject = "tf.keras"
environments = ["tf2.15"]
switches = "onednn=on,isa=avx2"
[coming.keras]
python = "3.13"
requires = ["keras-nightly", "tensorflow-cpu"]
without = "keras"
subject = "keras3"
"""


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("[environments]", "[environment]", "the table 'environment' is unknown; did you mean 'environments'"),
        ('["tf2.15"]', '["tf2.14"]', "the environment 'tf2.14' is unknown; did you mean 'tf2.15'"),
        ('["tf2.15"]', '"tf2.15"', "cells.tfkeras: environments must be a list"),
        ('["tf2.15"]', "[]", "environments must be a list"),
        ('["tf2.15"]', '["tf2.15", "tf2.15"]', "two cells are called tf2.15-tfkeras"),
        ("subject", "subjct", "the key 'subjct' is unknown; did you mean 'subject'"),
        ('subject = "tf.keras"', "", "cells.tfkeras has no subject"),
        ('"tf.keras"', "0", "subject must be one word, and is 0"),
        ('"more"', '"mor"', "the with 'mor' is unknown; did you mean 'more'"),
        ('"3.11"', "3.11", "python must be a version such as '3.11', and is 3.11"),
        ('"3.11"', '"2.7"', "python must be a version"),
        ("[with.more]", "[with.more.less]", "the key 'less' is unknown"),
        ('"tf2.15" =', '"../tf2.15" =', "a name has letters, digits"),
        ("tensorflow-cpu==2.15.1", r"tensorflow\n--index-url https://x", "requires must be a list of requirements"),
        ("tensorflow-cpu==2.15.1", "-e .", "requires must be a list of requirements"),
        ("onednn=on,isa=avx2", "onednn on", "switches must be one word"),
        ('with = "more"', 'machine = "arm"', "machine must be x86_64 or aarch64"),
        ('without = "keras"', 'without = "numpy"', "without must be keras or keras-nightly, and is 'numpy'"),
        ('subject = "keras3"', "", "coming.keras has no subject"),
        ("[environments]", "[environments", "is not TOML"),
        ("[environments]", "a = " + "[" * 20000, "is not TOML|is unknown"),
        ("[environments]", "cells = 3\n[environments]", "is not TOML|cells is not a table"),
        (GOOD, "", "there is no table environments"),
        (GOOD, "environments = 3", "environments is not a table"),
        (GOOD, "[environments]\na = 3", "environments.a is not a table"),
    ],
)
def test_a_wrong_matrix_file_is_refused_with_the_table_and_the_key(
    tmp_path: Path, before: str, after: str, why: str
) -> None:
    """The file is read before anything is installed."""
    path = tmp_path / "matrix.toml"
    path.write_text(GOOD, encoding="utf-8")
    (cell,) = read_cells(path)
    assert (cell.name, cell.options[1]) == ("tf2.15-tfkeras", "onednn=on,isa=avx2")
    assert before in GOOD
    path.write_text(GOOD.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(MatrixError, match=why):
        read_cells(path)


def test_a_missing_matrix_file_a_pipe_and_a_folder_are_refused(tmp_path: Path) -> None:
    """A named pipe is refused at once, because reading it would wait."""
    os.mkfifo(tmp_path / "pipe")
    for name, why in (("none", "cannot be read"), ("pipe", "not a regular file"), ("", "not a regular file")):
        with pytest.raises(MatrixError, match=why):
            read_cells(tmp_path / name)


def test_the_matrix_command_reports_a_wrong_file_with_exit_status_4(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message has no traceback."""
    monkeypatch.setattr(matrix, "read_cells", lambda: matrix_file.read_cells(tmp_path / "none"))
    assert matrix.main(["names"]) == 4
    assert "cannot be read" in capsys.readouterr().err


def test_a_coming_release_has_no_lock_and_is_no_cell_of_the_matrix(tmp_path: Path) -> None:
    """Its name begins with coming, and it says which package is left out."""
    path = tmp_path / "matrix.toml"
    path.write_text(GOOD, encoding="utf-8")
    (cell,) = read_coming_cells(path)
    assert (cell.name, cell.environment, cell.without, cell.backend) == ("coming-keras", "", "keras", "tensorflow")
    assert cell.name not in [one.name for one in read_cells(path)]
    assert all(file.is_file() for file in matrix_file.WITHOUT.values())

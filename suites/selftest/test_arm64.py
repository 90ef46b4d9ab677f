"""Tests of the ARM64 cells: what they prepare, store and run, and the error messages. No emulator is started."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from reports import arm64, debian
from reports.matrix import cell_names_for_machine
from reports.matrix_file import read_cells

CELLS = {cell.name: cell for cell in read_cells()}
WORKS, FAILS = "#!/bin/sh\necho started\n", "#!/bin/sh\necho no such processor >&2\nexit 1\n"


def put_emulator(monkeypatch: pytest.MonkeyPatch, text: str) -> list[str]:
    """Replace the emulator's packages by a script; return the list of folders into which they were fetched."""
    fetched: list[str] = []

    def download(folder: Path, version: str) -> list[Path]:
        folder.mkdir(parents=True)
        fetched.append(str(folder))
        return [folder / "qemu-user-static.deb"]

    def unpack(package: Path, folder: Path) -> None:
        (folder / "usr" / "bin").mkdir(parents=True)
        (folder / debian.EMULATOR).write_text(text, encoding="utf-8")
        (folder / debian.EMULATOR).chmod(0o755)

    monkeypatch.setattr(debian, "_check_tools", lambda version: None)
    monkeypatch.setattr(debian, "_download_packages", download)
    monkeypatch.setattr(debian, "_unpack_package", unpack)
    return fetched


def put_process(monkeypatch: pytest.MonkeyPatch, target: Path | None = None) -> list[tuple[list[str], dict[str, Any]]]:
    """Record commands instead of running them, and return the records; each command creates ``target``."""
    ran: list[tuple[list[str], dict[str, Any]]] = []

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        ran.append((command, options))
        if target is not None:
            target.mkdir(parents=True)
        return subprocess.CompletedProcess(command, 1 if command[2] == "pytest" else 0)

    monkeypatch.setattr("reports.arm64.subprocess.run", run)
    return ran


def test_the_emulated_python_is_fetched_once_and_starts_through_its_script(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Python gets the start script as argv[0], so that its child processes start through the emulator too."""
    fetched = put_emulator(monkeypatch, '#!/bin/sh\nif [ "$8" = "-c" ]; then echo started; else echo "$@"; fi\n')
    script = debian.unpack_python(tmp_path / "root", "3.11", lambda text: None)
    ran = subprocess.run([str(script), "-m", "pytest"], capture_output=True, text=True, check=True)
    root = tmp_path / "root"
    assert ran.stdout.split() == [
        "-cpu",
        debian.MODEL,
        "-L",
        str(root),
        "-0",
        str(script),
        str(root / "usr/bin/python3.11"),
        "-m",
        "pytest",
    ]
    assert debian.unpack_python(root, "3.11", lambda text: None) == script and len(fetched) == 1
    cpuinfo = (root / "proc/cpuinfo").read_text(encoding="ascii")
    assert (
        cpuinfo.count("0xd0c") == len(list(root.glob("sys/devices/system/cpu/cpu*/regs/identification/midr_el1"))) > 0
    )


def test_a_moved_emulator_folder_is_fetched_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The start script contains the folder's path, so it starts nothing in a copied or renamed checkout."""
    fetched = put_emulator(monkeypatch, WORKS)
    debian.unpack_python(tmp_path / "old", "3.11", lambda text: None)
    (tmp_path / "old").rename(tmp_path / "new")
    script = debian.unpack_python(tmp_path / "new", "3.11", lambda text: None)
    assert len(fetched) == 2
    assert subprocess.run([str(script)], capture_output=True, text=True, check=True).stdout == "started\n"


def test_an_emulator_that_fails_is_reported_and_tried_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The error message quotes the emulator's output; the next attempt fetches the packages again."""
    put_emulator(monkeypatch, FAILS)
    with pytest.raises(debian.Missing, match="no such processor"):
        debian.unpack_python(tmp_path / "root", "3.11", lambda text: None)
    fetched = put_emulator(monkeypatch, WORKS)
    debian.unpack_python(tmp_path / "root", "3.11", lambda text: None)
    assert len(fetched) == 1


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("shutil.which", lambda tool: None, "apt-get is missing"),
        ("KEYS", Path("/no/such/keys"), "apt-get install debian-archive-keyring"),
        ("platform.machine", lambda: "vax", "a processor vax"),
    ],
)
def test_a_missing_tool_gives_exit_status_3_and_one_sentence(
    name: str,
    value: object,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A missing apt-get, missing keys and an unknown processor each give one sentence on stderr."""
    monkeypatch.setattr(arm64, "needs_emulation", lambda: True)
    for healthy, there in (("shutil.which", str), ("KEYS", tmp_path), ("platform.machine", lambda: "x86_64")):
        monkeypatch.setattr("reports.debian." + healthy, value if healthy == name else there)
    assert arm64.main(["arm64-jax", "--folder", str(tmp_path / "root")]) == 3
    output = capsys.readouterr().err
    assert output.startswith("keras-parity cannot run ARM64: ") and sentence in output and output.count("\n") == 1


@pytest.mark.parametrize("emulated", [True, False])
def test_pytest_runs_with_the_cells_backend_and_options(
    emulated: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Emulation allows more time for each check; later options replace earlier ones."""
    put_emulator(monkeypatch, WORKS)
    monkeypatch.setattr(arm64, "needs_emulation", lambda: emulated)
    monkeypatch.setattr(arm64, "_install", lambda cell, folder: [folder / "a", folder / "b"])
    script = debian.unpack_python(tmp_path / "debian", "3.11", lambda text: None)
    monkeypatch.setattr(sys, "version_info", (3, 11, 9))
    ran = put_process(monkeypatch)
    assert arm64.main(["arm64-torch", "--folder", str(tmp_path), "--tier", "standard", "-n", "4"]) == 1
    (command, options), environment = ran[0], ran[0][1]["env"]
    assert command[0] == (str(script) if emulated else sys.executable)
    assert command[-4:] == ["--tier", "standard", "-n", "4"] and "--ledger=reports/out/arm64-torch.jsonl" in command
    assert environment["KERAS_BACKEND"] == "torch" and environment["PYTHONPATH"].split(":")[1] == str(tmp_path / "b")
    assert (environment.get("EMULATION_TIME_FACTOR") is not None) == emulated and "env" in options


def test_an_arm64_machine_needs_the_python_version_of_the_lock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without emulation, a Python version other than that of the lock is refused."""
    monkeypatch.setattr(arm64, "needs_emulation", lambda: False)
    monkeypatch.setattr(sys, "version_info", (3, 13, 0))
    with pytest.raises(arm64.Unprepared, match=r"locked for Python 3\.11"):
        arm64.prepare_folder(CELLS["arm64-jax"], tmp_path)


def test_wheels_are_installed_again_only_if_the_lock_changed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Under emulation the wheels for ARM64 are installed, on a machine of any kind."""
    target = tmp_path / "wheels"
    monkeypatch.setattr(arm64, "needs_emulation", lambda: True)
    monkeypatch.setattr("reports.arm64.importlib.util.find_spec", lambda name: True)
    ran = put_process(monkeypatch, target)
    install: Callable[[str], Path] = lambda lock: arm64._install_once(target, lock, CELLS["arm64-jax"], [])  # noqa: E731
    install("jax==1"), install("jax==1")
    assert len(ran) == 1 and "aarch64-manylinux_2_28" in ran[0][0]
    install("jax==2")
    assert len(ran) == 2


def test_each_cell_belongs_to_one_machine_type() -> None:
    """A machine runs either the ARM64 cells or the x86-64 cells, and every cell belongs to one of the two."""
    assert set(cell_names_for_machine("aarch64")) == {"arm64-tensorflow", "arm64-torch", "arm64-jax"}
    assert set(cell_names_for_machine("x86_64")) == set(CELLS) - set(cell_names_for_machine("aarch64"))

"""Tests of instruction set classes, of the cap for kernels, and of the hardware facts in a run's header."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from fixtures.hardware import facts, isa_cap, processor
from fixtures.hardware.cores_and_memory import count_fitting_processes, usable_cores, usable_memory
from fixtures.hardware.isa import (
    CLASSES,
    NAMES,
    check_terms,
    derive_class,
    is_class_above,
    is_class_within,
    read_class_from_onednn_line,
)
from fixtures.hardware.isa_cap import cap_aten, cap_onednn, cap_xla, check_available, class_capped_by_onednn
from fixtures.hardware.onednn import ask_onednn
from fixtures.hardware.processor import Processor

AVX2 = {"sse4_1", "avx", "avx2"}
AVX512 = AVX2 | {"avx512f", "avx512bw", "avx512vl", "avx512dq"}
ZEN4 = AVX512 | {"avx512_vnni", "avx512_bf16"}
SAPPHIRE_RAPIDS = ZEN4 | {"avx512_fp16", "avx_vnni", "amx_tile", "amx_int8", "amx_bf16"}


@pytest.mark.parametrize(
    ("architecture", "flags", "expected"),
    [
        ("x86_64", {"sse2"}, None),
        ("x86_64", AVX2, "avx2"),
        ("x86_64", AVX2 | {"avx_vnni"}, "avx2_vnni"),
        ("x86_64", AVX512, "avx512_core"),
        ("x86_64", AVX512 - {"avx512dq"}, "avx2"),
        ("x86_64", ZEN4, "avx512_core_bf16"),
        ("x86_64", SAPPHIRE_RAPIDS, "avx512_core_amx"),
        ("x86_64", SAPPHIRE_RAPIDS - {"avx512_fp16"}, "avx512_core_bf16"),
        ("aarch64", {"asimd"}, "asimd"),
        ("aarch64", {"asimd", "sve"}, "sve"),
        ("riscv64", AVX2, None),
    ],
)
def test_an_instruction_set_class_needs_the_flags_of_all_lower_classes(
    architecture: str, flags: set[str], expected: str | None
) -> None:
    """The flags have the names that Linux gives them."""
    assert derive_class(architecture, flags) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("onednn_verbose,v1,info,cpu,isa:Intel AVX2", "avx2"),
        ("onednn_verbose,info,cpu,isa:Intel AVX-512 with Intel DL Boost and bfloat16 support", "avx512_core_bf16"),
        (
            "onednn_verbose,v1,info,cpu,isa:Intel AVX-512 with float16, Intel DL Boost and bfloat16 support ",
            "avx512_core_fp16",
        ),
        (
            "onednn_verbose,v1,info,cpu,isa:Intel AVX-512 with float16, Intel DL Boost and bfloat16 support and "
            "Intel AMX with bfloat16 and 8-bit integer support",
            "avx512_core_amx",
        ),
        ("onednn_verbose,info,cpu,isa:AArch64 SVE (256 bits)", "sve"),
        ("onednn_verbose,info,cpu,isa:Something newer", None),
    ],
)
def test_the_class_is_read_from_onednns_verbose_line(line: str, expected: str | None) -> None:
    """An unknown name gives an unknown class, and not the nearest one."""
    assert read_class_from_onednn_line(line) == expected


@pytest.mark.parametrize(
    ("terms", "isa", "expected"),
    [
        ((), None, True),
        (("avx2",), None, False),
        (("avx2",), "avx2", True),
        (("<avx512_core_fp16",), "avx512_core_bf16", True),
        (("<avx512_core_fp16",), "avx512_core_fp16", False),
        (("<avx512_core_fp16",), "asimd", False),
        ((">=avx512_core,<avx512_core_fp16",), "avx2", False),
        ((">=avx512_core,<avx512_core_fp16",), "avx512_core", True),
        (("avx2", "aarch64"), "sve", True),
        (("x86_64",), "sve", False),
    ],
)
def test_a_term_of_classes_contains_the_right_classes(terms: tuple[str, ...], isa: str | None, expected: bool) -> None:
    """A range stays within one architecture; an unknown class is in no range."""
    assert is_class_within(terms, isa) is expected


def test_a_term_without_a_known_class_is_refused() -> None:
    """The message lists the known classes."""
    for bad in ("avx3", "", "<", "avx2,"):
        with pytest.raises(ValueError, match="names no class; known: sse41"):
            check_terms([bad])
    check_terms([*NAMES, *CLASSES, ">=avx2,<avx512_core"])


def test_a_cap_above_the_processors_class_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the class and the processor; an equal or lower class is accepted."""
    zen4 = Processor("x86_64", "AuthenticAMD", "AMD EPYC", "zen4", frozenset(ZEN4))
    monkeypatch.setattr(isa_cap, "read_processor", lambda: zen4)
    check_available("avx512_core_bf16")
    check_available("sse41")
    with pytest.raises(ValueError, match=r"this machine has no avx512_fp16; its processor .AMD EPYC. is of the class"):
        check_available("avx512_core_fp16")
    with pytest.raises(ValueError, match="kernels can be capped on x86-64 only; this machine is x86_64"):
        check_available("asimd")  # neither oneDNN nor XLA can be capped to it, on any machine


def test_a_cap_is_set_by_environment_variables() -> None:
    """XLA's flag is added to the flags that are set already."""
    found: dict[str, str] = {"XLA_FLAGS": "--a"}
    cap_onednn("avx2", found)
    cap_xla("avx512_core", found)
    cap_aten("avx512_core", found)
    assert found == {
        "XLA_FLAGS": "--a --xla_cpu_max_isa=AVX512",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "DNNL_MAX_CPU_ISA": "AVX2",
        "ATEN_CPU_CAPABILITY": "avx512",
    }
    for isa, expected in (("avx2", "avx2"), ("avx", "default")):
        cap_aten(isa, found)
        assert found["ATEN_CPU_CAPABILITY"] == expected
    assert class_capped_by_onednn("avx512_core", found) == "avx2"
    assert class_capped_by_onednn("sse41", found) == "sse41"
    assert class_capped_by_onednn("avx2", {"ONEDNN_MAX_CPU_ISA": "DEFAULT"}) == "avx2"
    assert is_class_above("avx2", None)


def test_control_groups_limit_cores_and_memory(tmp_path: Path) -> None:
    """Control groups of version 1 and 2 are read; a group without a limit changes nothing."""
    whole, memory = usable_cores(tmp_path), usable_memory(tmp_path)
    (tmp_path / "cpu.max").write_text("max 100000\n", encoding="ascii")
    assert usable_cores(tmp_path) == whole
    (tmp_path / "cpu.max").write_text("50000 100000\n", encoding="ascii")
    (tmp_path / "memory.max").write_text("1073741824\n", encoding="ascii")
    assert (usable_cores(tmp_path), usable_memory(tmp_path)) == (0.5, 1.0)
    (tmp_path / "memory.max").write_text("max\n", encoding="ascii")
    assert usable_memory(tmp_path) == memory
    (tmp_path / "cpu.max").unlink()
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("25000", encoding="ascii")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000", encoding="ascii")
    assert usable_cores(tmp_path) == 0.25


def test_the_number_of_processes_fits_cores_and_memory(tmp_path: Path) -> None:
    """The smaller of the two decides; one process always runs."""
    memory = tmp_path / "meminfo"
    memory.write_text("MemAvailable: %d kB\n" % (5 * 2**20), encoding="ascii")
    (tmp_path / "cpu.max").write_text("max 100000\n", encoding="ascii")
    cores = int(usable_cores(tmp_path))
    assert count_fitting_processes(2.0, tmp_path, memory) == min(cores, 2)
    assert count_fitting_processes(5.0 / 64, tmp_path, memory) == min(cores, 64)
    assert count_fitting_processes(6.0, tmp_path, memory) == 1
    (tmp_path / "cpu.max").write_text("50000 100000\n", encoding="ascii")
    assert count_fitting_processes(0.1, tmp_path, memory) == 1


def test_hardware_facts_have_every_key_of_the_ledgers_schema() -> None:
    """This holds on every machine, and all values are plain."""
    found = facts.hardware_facts()
    assert found["architecture"] == processor.read_processor().architecture
    assert found["cores"] > 0
    assert not set(found["instruction_sets"]) & set(found["lacks"])
    suite, commit = facts.suite_facts(), facts._run_git("rev-parse", "HEAD")  # no commit outside a Git checkout
    assert suite["version"] != "unknown" and commit.startswith(suite["commit"] or "")
    assert (suite["commit"] is None) == (suite["modified"] is None) == (commit == "")


def test_an_unknown_machine_has_no_instruction_set_class(monkeypatch: pytest.MonkeyPatch) -> None:
    """This also holds where archspec is not installed."""
    monkeypatch.setitem(sys.modules, "archspec", None)
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    found = processor._detect_processor()
    assert (found.vendor, found.isa, found.instruction_sets) == ("unknown", None, [])


def test_a_processor_without_a_model_name_is_named_by_its_microarchitecture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux on ARM64 reports numbers only, for which archspec knows the microarchitecture."""
    archspec = pytest.importorskip("archspec.cpu")
    monkeypatch.setattr("archspec.cpu.detect.brand_string", lambda: None)
    found = processor._detect_processor()
    assert found.model == "%s %s" % (archspec.host().vendor, archspec.host())


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux is read, by a fork")
def test_onednns_class_is_read_in_a_forked_process() -> None:
    """Its output is not shown here; a process that prints nothing or dies gives no class."""
    line = "onednn_verbose,v1,info,cpu,isa:Intel AVX2\\n"
    assert ask_onednn("one", lambda: __import__("os").write(1, line.replace("\\n", "\n").encode())) == "avx2"
    assert ask_onednn("one", lambda: None) == "avx2"  # the class is read once: a later fork would hang
    assert ask_onednn("two", lambda: None) is None
    assert ask_onednn("three", lambda: 1 / 0) is None

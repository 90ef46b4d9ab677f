"""Unpack Debian's Python for ARM64 into a folder, with QEMU to run it on another processor."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

RELEASES = {"3.11": "bookworm"}  # the Debian release that has this Python
ARCHIVE = "http://deb.debian.org/debian"
KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# Debian's names of the processors on which QEMU may run.
HOSTS = {"x86_64": "amd64", "i686": "i386", "ppc64le": "ppc64el", "s390x": "s390x"}
# Libraries that wheels expect on a machine. apt adds what the packages need.
LIBRARIES = ("libstdc++6", "libgomp1")
EMULATOR = "qemu-aarch64-static"
# The emulated processor, ARM's Neoverse N1. QEMU and the files of the system must show the same features. With the
# machine's own files torch ends with a segmentation fault, and with all features of QEMU with an illegal instruction.
MODEL = "neoverse-n1"
REGISTER = "0x00000000413fd0c1\n"  # MIDR_EL1: the implementer and the model of the processor
FEATURES = "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp"
DESCRIPTION = """processor\t: {number}
Features\t: {features}
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x3
CPU part\t: 0xd0c
CPU revision\t: 1

"""
# Child processes and xdist's workers are started with sys.executable. That is this script, because Python takes its
# name from argv[0]. The kernel can start a script anywhere, but an ARM64 binary only where binfmt_misc knows QEMU.
SCRIPT = """#!/bin/sh
exec "{folder}/{emulator}" -cpu {model} -L "{folder}" -0 "$0" "{folder}/usr/bin/python{version}" "$@"
"""


class Missing(Exception):
    """Raised if this machine lacks something that unpacking or emulation needs. The message is one sentence."""


def unpack_python(folder: Path, version: str, say: Callable[[str], None]) -> Path:
    """Return the script that starts Python ``version`` for ARM64. The first call unpacks it. Raises ``Missing``."""
    script = folder / "usr" / "bin" / "python"
    text = SCRIPT.format(folder=folder, emulator=EMULATOR, model=MODEL, version=version)
    # The script contains the folder's path, and the folder may have been moved.
    if script.exists() and script.read_text(encoding="utf-8") == text:
        return script
    _check_tools(version)
    shutil.rmtree(folder, ignore_errors=True)
    say("fetching QEMU and Python %s for ARM64 from %s" % (version, ARCHIVE))
    for package in _download_packages(folder / "apt", version):
        _unpack_package(package, folder)
    shutil.rmtree(folder / "apt")
    _describe_processor(folder)
    script.write_text(text, encoding="utf-8")
    script.chmod(0o755)
    started = subprocess.run([str(script), "-c", "print('started')"], capture_output=True, text=True, check=False)
    if started.stdout != "started\n":
        script.unlink()  # without the script, the next call unpacks again
        raise Missing(
            "Python for ARM64 does not start under QEMU: %s" % (started.stderr.strip() or "it printed nothing")
        )
    return script


def _check_tools(version: str) -> None:
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise Missing("%s is missing; emulation needs Debian or Ubuntu, or run on an ARM64 machine" % tool)
    if not KEYS.exists():
        raise Missing("the keys of Debian's archive, %s, are missing: apt-get install debian-archive-keyring" % KEYS)
    if platform.machine() not in HOSTS:
        raise Missing("Debian's QEMU for a processor %s is not known here" % platform.machine())
    if version not in RELEASES:
        raise Missing("no Debian is known here that has Python %s" % version)


def _download_packages(folder: Path, version: str) -> list[Path]:
    """Download Python, QEMU and what they need, and return the packages.

    apt-get uses no settings of the machine: all its settings are in the folder.
    """
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()  # an empty file: no package is installed
    sources = "deb [arch=arm64,%s signed-by=%s] %s %s main\n"
    host = HOSTS[platform.machine()]
    (folder / "sources.list").write_text(sources % (host, KEYS, ARCHIVE, RELEASES[version]), encoding="utf-8")
    settings = {
        "APT::Architecture": "arm64",
        "APT::Architectures": "arm64,%s" % host,
        "APT::Sandbox::User": "",  # the folder belongs to the caller
        "APT::Install-Recommends": "false",
        "APT::Update::Error-Mode": "any",  # otherwise it succeeds without a network
        "Acquire::Languages": "none",
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State": folder,
        "Dir::State::lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
    }
    apt = ["apt-get", "-q", "-y", *(word for name, value in settings.items() for word in ("-o", f"{name}={value}"))]
    packages = ["python%s" % version, *LIBRARIES]
    for command in (["update"], ["install", "--download-only", *packages, "qemu-user-static:" + host]):
        if subprocess.run([*apt, *command], check=False).returncode:
            raise Missing("apt-get %s failed, see above; it needs a network to %s" % (command[0], ARCHIVE))
    return sorted((folder / "cache" / "archives").glob("*.deb"))


def _unpack_package(package: Path, folder: Path) -> None:
    # This package has an emulator for each processor; only one is needed.
    if package.name.startswith("qemu-user-static"):
        read = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE)
        tar = ["tar", "-x", "-C", str(folder), "--strip-components=3", "./usr/bin/" + EMULATOR]
        failed = subprocess.run(tar, stdin=read.stdout, check=False).returncode or read.wait()
    else:
        failed = subprocess.run(["dpkg-deb", "-x", str(package), str(folder)], check=False).returncode
    if failed:
        raise Missing("%s could not be unpacked; is the disk full?" % package.name)


def _describe_processor(folder: Path) -> None:
    """Write the files in which Linux describes the processor, one entry for each core of the machine.

    QEMU looks for every file in this folder first.
    """
    numbers = range(os.cpu_count() or 1)
    (folder / "proc").mkdir(exist_ok=True)
    text = "".join(DESCRIPTION.format(number=number, features=FEATURES) for number in numbers)
    (folder / "proc" / "cpuinfo").write_text(text, encoding="ascii")
    for number in numbers:
        register = folder / ("sys/devices/system/cpu/cpu%d/regs/identification/midr_el1" % number)
        register.parent.mkdir(parents=True, exist_ok=True)
        register.write_text(REGISTER, encoding="ascii")

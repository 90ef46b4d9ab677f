"""The facts about the machine and this suite in the first line of a run, in words."""

from __future__ import annotations

from typing import Any, Mapping


def machine_facts(head: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return names and values for the environment table of the page. Older ledgers have none of them."""
    hardware, suite = head.get("hardware") or {}, head.get("suite") or {}
    found: list[tuple[str, str]] = []
    if hardware:
        processor = "%s (%s, %s)" % (hardware["model"], hardware["vendor"], hardware["microarchitecture"])
        sets = ", ".join(hardware["instruction_sets"]) or "none of those that matter"
        lacks = "; not %s" % ", ".join(hardware["lacks"]) if hardware["lacks"] else ""
        memory = ", %g GiB of memory" % hardware["memory_gib"] if hardware["memory_gib"] else ""
        found = [
            ("processor", processor),
            ("architecture", str(hardware["architecture"])),
            ("instruction sets", sets + lacks),
            ("usable", "%g cores%s" % (hardware["cores"], memory)),
        ]
        gpus = ("%s, driver %s, %s" % (gpu["model"], gpu["driver"], gpu["memory"]) for gpu in hardware["gpus"])
        found += [("GPU", gpu) for gpu in gpus]
    if head.get("isa"):
        own = hardware.get("isa")
        capped = "; the processor's own: %s" % own if own and own != head["isa"] else ""
        found.append(
            (
                "instruction set class",
                "%s (according to %s%s)" % (head["isa"], head.get("isa_source", "an unknown source"), capped),
            )
        )
    found += [(name, str(head[key])) for name, key in (("CUDA", "cuda"), ("cuDNN", "cudnn")) if key in head]
    if suite:
        changed = ", with uncommitted changes" if suite.get("modified") else ""
        commit = ", commit %s%s" % (suite["commit"], changed) if suite.get("commit") else ""
        found.append(("keras-parity", "%s%s" % (suite["version"], commit)))
    baseline = head.get("baseline")
    if baseline:
        use = "accepted" if baseline["accepted"] else "compared with"
        found.append(("baseline", "the run of %s, %s" % (baseline["started"], use)))
    return found


def describe_run_duration(end: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Return how long a complete run took, such as "9 min 08 s", as a list with one name and value, or none."""
    seconds = (end or {}).get("seconds")
    if seconds is None:
        return []
    minutes, rest = divmod(round(float(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        text = "%d h %02d min" % (hours, minutes)
    else:
        text = "%d min %02d s" % (minutes, rest) if minutes else "%d s" % rest
    return [("duration", text)]

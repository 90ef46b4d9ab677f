"""Tests of the list of published layers: each is accepted, fits into memory, and has a source."""

from __future__ import annotations

import re

import pytest

from fixtures.cases import published as published_module
from fixtures.cases.published import yield_published_layers
from fixtures.cases.size_classes import read_size_cases
from fixtures.cases.tiers import cases_of_tier
from fixtures.compare.check_cost import choose_grids_of_sample, estimate_needed_memory
from fixtures.oracle.expectation import Accepts, expected_result
from suites.large.relations import is_large, with_batch
from suites.selftest.many_values import for_each

LAYERS = list(yield_published_layers())
LARGE_MACHINE = 7.0  # GiB that a check of the tier may need, as a hosted CI machine has


def test_each_published_layer_has_a_source() -> None:
    """The source is a paper with the place in it, or a web page; no two layers are the same case."""
    assert len(LAYERS) >= 60 and len({layer.case for layer in LAYERS}) == len(LAYERS)
    for layer in LAYERS:
        assert layer.layer and re.search(r"arXiv:\d{4}\.\d{4,5}|doi:10\.|keras\.io/|tensorflow\.org/", layer.source)
        if "arXiv" in layer.source or "doi" in layer.source:
            assert re.search(r"figure|table|section|appendix|material|code", layer.source)


@for_each("layer", LAYERS)
def test_a_published_layer_is_accepted_and_fits_into_memory(layer: published_module.Published) -> None:
    """A hosted CI machine has enough memory for it."""
    assert isinstance(expected_result(layer.case), Accepts)
    assert estimate_needed_memory(layer.case, "gradients") < LARGE_MACHINE


def test_published_layers_reach_large_kernels_strides_dilations_and_batches() -> None:
    """Kernels reach 64, strides 32, dilations 18, batches 256, and channels more than a thousand."""
    found = [layer.case for layer in LAYERS]
    assert max(max(case.kernel_size) for case in found) == 64
    assert max(max(case.strides) for case in found) == 32
    assert max(max(case.dilation_rate) for case in found) == 18
    assert max(case.channels for case in found) >= 1024 and max(case.filters for case in found) >= 1024
    assert max(case.batch for case in found) == 256
    assert any(case.size[0] * case.strides[0] == 16384 for case in found if case.rank == 1)
    assert any(case.size[0] * case.strides[0] == 512 for case in found if case.rank == 2)
    assert {case.rank for case in found} == {1, 2, 3}
    assert any(choose_grids_of_sample(case, "gradients") for case in found) and sum(map(is_large, found)) > 40


def test_the_full_tier_contains_the_published_layers() -> None:
    """The standard tier does not contain them."""
    real = list(cases_of_tier("real"))
    assert real == [*(layer.case for layer in LAYERS), *read_size_cases()]
    thorough = set()
    for case, _ in zip(cases_of_tier("full"), range(8000)):
        thorough.add(case)
    assert set(real) <= thorough and not set(real) & set(cases_of_tier("standard"))


def test_a_malformed_line_of_the_published_layers_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing field does not become another layer."""
    monkeypatch.setattr(
        published_module, "_LAYERS", "Source, arXiv:1234.56789, table 1\n  layer%s 1 28.28 3\n" % (" " * 31)
    )
    with pytest.raises(ValueError, match="expected"):
        list(yield_published_layers())


def test_relations_use_at_least_two_batch_elements() -> None:
    """A batch of one becomes two; a larger batch stays."""
    assert with_batch(LAYERS[0].case).batch == 2 and with_batch(LAYERS[1].case).batch == 16

"""Tests of the chain of shapes through a stored model, and of the fixes where shapes do not meet."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.model.graph import GraphError, read_graph
from fixtures.model.shape_report import ShapeReport, report_shapes
from fixtures.model.shape_rules import infer_output_shape
from fixtures.model.spatial_shapes import LengthError
from suites.selftest.stored_configs import as_keras_3, make_input, make_layer, make_model, make_unet


def fixes_of(report: ShapeReport) -> dict[str, str]:
    """Return the texts of the fixes by kind."""
    return {fix.kind: fix.text for fix in report.fixes}


def test_a_unet_of_358_says_where_88_meets_89_and_every_fix() -> None:
    """Padding same reaches 87 and 88 with kernel 2, so output_padding alone needs padding valid."""
    report = report_shapes(make_unet(358), (), 1)
    assert report.conflicts[0] == "88 meets 89 at join2 (height, width: up2 has 88, conv2 has 89)"
    fixes = fixes_of(report)
    assert fixes["input"] == "feed 352 (output 352x352) or 360 (output 360x360) in place of 358; multiples of 8 fit"
    assert fixes["output_padding"].startswith("up2: output_padding=(1, 1), padding='valid'")
    assert fixes["crop"].startswith("Cropping2D(((0, 1), (0, 1))) between conv2 and join2")
    assert fixes["pad"].startswith("ZeroPadding2D(((0, 1), (0, 1))) between up2 and join2")


@pytest.mark.parametrize("kernel", [2, 3])
def test_every_fix_makes_the_shapes_meet(kernel: int) -> None:
    """The fix is applied to the configuration, and the chain is computed anew."""
    model = make_unet(451, 3, kernel, "valid" if kernel == 2 else "same")
    report = report_shapes(model, (), 1)
    fixed = next(fix for fix in report.fixes if fix.kind == "input")
    assert not report_shapes(model, [[n or 0 for n in (fixed.inputs[0] or ())[1:]]], 1).conflicts
    assert ("output_padding" in fixes_of(report)) == (kernel == 2)
    if kernel == 2:
        for layer in model["config"]["layers"]:
            text = fixes_of(report)["output_padding"]
            if layer["name"] in text and layer["class_name"] == "Conv2DTranspose":
                layer["config"]["output_padding"] = [1, 1]
        assert not report_shapes(model, (), 1).conflicts


def make_decoder(**changed: Any) -> dict[str, Any]:
    """Return a model whose convolution with padding valid, before its transposed one, loses two rows."""
    given = {"filters": 4, "kernel_size": [3, 3]}
    layers = [
        make_input(16, 18, 3),
        make_layer("conv", "Conv2D", "image", **{**given, "padding": "valid", **changed}),
        make_layer("up", "Conv2DTranspose", "conv", **given, strides=[2, 2], padding="same"),
        make_layer("wide", "UpSampling2D", "image", size=[2, 2]),
        make_layer("join", "Concatenate", "up", "wide", axis=-1),
    ]
    return make_model(layers, "join")


def apply_fix(model: dict[str, Any], path: str, **arguments: Any) -> ShapeReport:
    """Return the report of the model with other arguments of a layer."""
    for layer in model["config"]["layers"]:
        if layer["name"] == path:
            layer["config"].update(arguments)
    return report_shapes(model, (), 1)


def test_padding_same_of_one_layer_is_a_fix_where_it_makes_all_shapes_meet() -> None:
    """The convolution with padding valid takes two cells, which are four in the output."""
    report = report_shapes(make_decoder(), (), 1)
    assert report.conflicts[0].startswith("28 meets 32 at join")
    assert fixes_of(report)["padding"] == "conv: padding='same'"
    assert not apply_fix(make_decoder(), "conv", padding="same").conflicts
    assert "padding" not in fixes_of(report_shapes(make_decoder(padding="same", strides=[2, 2]), (), 1))


def test_other_strides_of_one_layer_are_a_fix_where_they_make_all_shapes_meet() -> None:
    """The convolution has strides of 2, so the transposed one needs 4, or the convolution 1."""
    report = report_shapes(make_decoder(padding="same", strides=[2, 2]), (), 1)
    assert report.conflicts == (
        "16 meets 32 at join (height: up has 16, wide has 32)",
        "18 meets 36 at join (width: up has 18, wide has 36)",
    )
    assert fixes_of(report)["strides"] == "up: strides=(4, 4)"
    assert not apply_fix(make_decoder(padding="same", strides=[2, 2]), "up", strides=[4, 4]).conflicts
    assert "strides" not in fixes_of(report_shapes(make_decoder(), (), 1))


def make_half_unet() -> dict[str, Any]:
    """Return an encoder of three levels of 358 cells, with one level up: 88 meets 89."""
    model = make_unet(358, 3, kernel=3)
    layers = [layer for layer in model["config"]["layers"] if layer["name"] not in ("up1", "join1", "up0", "join0")]
    return make_model(layers, "join2")


def test_padding_of_a_transposed_convolution_or_of_a_pooling_layer_is_a_fix() -> None:
    """Padding valid gives 2 * 43 + 3 = 89; padding same of the pooling before gives 90 on both sides."""
    report = report_shapes(make_half_unet(), (), 1)
    assert report.conflicts[0].startswith("88 meets 89 at join2")
    assert [(fix.text, fix.outputs[0]) for fix in report.fixes if fix.kind == "padding"] == [
        ("up2: padding='valid'", (1, 89, 89, 8)),
        ("pool1: padding='same'", (1, 90, 90, 8)),
    ]
    assert not apply_fix(make_half_unet(), "up2", padding="valid").conflicts
    assert not apply_fix(make_half_unet(), "pool1", padding="same").conflicts
    whole = report_shapes(make_unet(358, 3, kernel=3), (), 1)  # where join2 meets, join1 has 178 and 179
    assert fixes_of(whole)["padding"] == "up2: padding='valid'; up1: padding='valid'"


def test_another_input_is_offered_with_its_output() -> None:
    """355 gives 88 and 360 gives 90: two poolings drop rows on one path only where they differ."""
    report = report_shapes(make_half_unet(), (), 1)
    assert fixes_of(report)["input"] == (
        "feed 355 (output 88x88) or 360 (output 90x90) in place of 358; n fits if n % 8 is 0 to 3"
    )
    other = report_shapes(make_half_unet(), ((358, 360, 3),), 1)
    assert fixes_of(other)["input"].startswith("feed 355 (output 88x90) or 360 (output 90x90) in place of 358; n fits")


def test_padding_same_of_all_convolutions_is_a_fix_where_that_of_one_is_not() -> None:
    """The U-Net of the paper has two convolutions with padding valid in each level."""
    model = make_unet(64, 2)
    for layer in model["config"]["layers"]:
        if layer["class_name"] == "Conv2D":
            layer["config"]["padding"] = "valid"
    text = fixes_of(report_shapes(model, (), 1))["padding"]
    assert text == "conv0: padding='same'; conv1: padding='same'"


def test_the_graph_of_keras_3_has_the_same_layers() -> None:
    """Calls have args and kwargs there, and a single output is not a list of lists."""
    model = make_unet(358)
    assert report_shapes(as_keras_3(model), (), 1) == report_shapes(model, (), 1)


def test_unknown_lengths_are_those_at_which_the_shapes_meet() -> None:
    """A U-Net of five levels needs multiples of 32; without --input 64 is taken."""
    assert report_shapes(make_unet(None, 5), (), 2).inputs == ((2, 64, 64, 3),)
    assert report_shapes(make_unet(None, 3), ((358, 361, 3),), 2).conflicts[0].startswith("88 meets 89")


def test_a_model_inside_a_model_and_a_shared_layer_are_followed() -> None:
    """The inner model is spread out at each of its calls, with the path of its name."""
    up = make_layer("up", "Conv2DTranspose", "in", filters=2, kernel_size=[3, 3], strides=[2, 2], padding="same")
    inner = make_model([make_input(None, None, 3, name="in"), up], "up", "decoder")
    twice = {**inner, "name": "decoder", "inbound_nodes": [[["image", 0, 0, {}]], [["pool", 0, 0, {}]]]}
    pool = make_layer("pool", "AveragePooling2D", "image", pool_size=[2, 2])
    model = make_model([make_input(9, 8, 3), pool, twice], "decoder")
    model["config"]["output_layers"] = [["decoder", 0, 0], ["decoder", 1, 0]]
    report = report_shapes(model, (), 1)
    assert report.outputs == ((1, 18, 16, 2), (1, 8, 8, 2)) and list(report.layers) == ["decoder/up"]
    # As Keras 2 writes it: the graph of the inner model is its call 0.
    model["config"]["output_layers"] = [["decoder", 1, 0], ["decoder", 2, 0]]
    assert report_shapes(model, (), 1) == report
    model["config"]["output_layers"] = [["decoder", 0, 0], ["decoder", 2, 0]]
    assert "cannot be followed" in report_shapes(model, (), 1).missing


def test_an_output_beside_the_input_is_compared() -> None:
    """A VAE of two levels makes 80 of 78: multiples of 4 come back, or output_padding."""
    layers = [make_input(78, 78, 1)]
    for name, before in (("c1", "image"), ("c2", "c1")):
        layers.append(make_layer(name, "Conv2D", before, filters=8, kernel_size=[3, 3], strides=[2, 2], padding="same"))
    for name, before in (("u1", "c2"), ("u2", "u1")):
        layers.append(
            make_layer(name, "Conv2DTranspose", before, filters=8, kernel_size=[3, 3], strides=[2, 2], padding="same")
        )
    report = report_shapes(make_model(layers, "u2"), (), 1)
    assert not report.conflicts and report.other_output == "the input has 78x78 cells, and the output 80x80"
    assert (
        report.other_fixes[0].text == "feed 76 (output 76x76) or 80 (output 80x80) in place of 78; multiples of 4 fit"
    )
    assert report.other_fixes[1].text == "u1: output_padding=(0, 0)"


@pytest.mark.parametrize(
    ("class_name", "config", "shape", "expected"),
    [
        ("Conv2D", {"kernel_size": [3, 3], "strides": [2, 2], "filters": 7}, (1, 9, 8, 3), (1, 4, 3, 7)),
        ("Conv1D", {"kernel_size": [3], "padding": "causal", "filters": 7}, (1, 9, 3), (1, 9, 7)),
        ("Conv2D", {"kernel_size": 3, "dilation_rate": 2, "filters": 7}, (1, 9, 8, 3), (1, 5, 4, 7)),
        ("MaxPooling2D", {"pool_size": [2, 2], "strides": None}, (1, 9, 8, 3), (1, 4, 4, 3)),
        ("AveragePooling3D", {"pool_size": 2, "padding": "same"}, (1, 9, 8, 7, 3), (1, 5, 4, 4, 3)),
        ("GlobalMaxPooling2D", {"data_format": "channels_first"}, (1, 9, 8, 3), (1, 9)),
        ("Cropping2D", {"cropping": [[1, 2], [0, 1]]}, (1, 9, 8, 3), (1, 6, 7, 3)),
        ("ZeroPadding1D", {"padding": [1, 2]}, (1, 9, 3), (1, 12, 3)),
        ("UpSampling2D", {"size": [2, 3]}, (1, 9, 8, 3), (1, 18, 24, 3)),
        ("Reshape", {"target_shape": [-1, 6]}, (1, 9, 8, 3), (1, 36, 6)),
        ("Conv2DTranspose", {"kernel_size": 3, "strides": 2, "filters": 7}, (1, 9, 8, 3), (1, 19, 17, 7)),
        ("Conv3DTranspose", {"kernel_size": 2, "strides": 2, "filters": 7}, (1, 2, 3, 4, 1), (1, 4, 6, 8, 7)),
        ("SomethingElse", {}, (1, 9, 8, 3), None),
        (
            "TimeDistributed",
            {"layer": {"class_name": "Conv2DTranspose", "config": {"kernel_size": 3, "strides": 2, "filters": 7}}},
            (1, 5, 9, 8, 3),
            (1, 5, 19, 17, 7),
        ),
    ],
)
def test_the_output_shape_of_a_layer(class_name: str, config: Any, shape: Any, expected: Any) -> None:
    """The lengths follow from the rules of docs/semantics.md; an unknown class has an unknown shape."""
    assert infer_output_shape(class_name, config, [shape]) == expected


def test_an_input_that_is_too_short_is_a_conflict() -> None:
    """Lengths never become negative."""
    with pytest.raises(LengthError, match="would have none"):
        infer_output_shape("Conv2D", {"kernel_size": 5, "filters": 1}, [(1, 4, 9, 3)])
    assert "would have none" in report_shapes(make_unet(4), (), 1).conflicts[0]


def make_circle() -> dict[str, Any]:
    """Return a model of two layers that feed each other."""
    layers = [make_input(8, 8, 3), make_layer("a", "Add", "image", "b"), make_layer("b", "ReLU", "a")]
    return make_model(layers, "b")


@pytest.mark.parametrize(
    "config",
    [
        make_circle(),
        {"class_name": "Functional", "config": {"layers": 3}},
        {"class_name": "MyModel", "config": {"units": 3}},
        {"class_name": "Functional", "config": {"layers": [{"class_name": "Add", "config": 1}]}},
        make_model([make_input(8, 8, 3)], "elsewhere"),
        [],
        {"class_name": "Sequential", "config": {"layers": [[]]}},
    ],
)
def test_a_configuration_without_a_usable_graph_is_one_sentence(config: Any) -> None:
    """The report says that the chain is not known."""
    with pytest.raises(GraphError):
        read_graph(config)
    assert report_shapes(config, (), 1).missing.startswith("the chain of shapes is not known: ")

"""Tests that the form reads calls of PyTorch as the Keras layers that ``fixtures.explain`` finds for them."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from fixtures.explain.keras_layer import find_cropped_layer, find_keras_layer
from fixtures.explain.layer import Layer, make_windows
from fixtures.oracle.rules import broken_rules
from suites.browser.conftest import Open
from suites.browser.layer_page import Fault, make_layer_page
from suites.browser.layer_samples import case_of_layer
from suites.fuzz.explain import read_words

COUNT, SEED = 600, 19
READ = """async (samples) => {
    const { readTorchCall } = await import("#layer_torch.js");
    const { textsOfCall } = await import("#layer_call.js");
    const { readLayer } = await import("#layer_fields.js");
    return samples.map(({ call, before }) => {
        const read = readTorchCall(call);
        return { layer: readLayer(textsOfCall(read, before)), notes: read.notes.join(" ") };
    });
}"""
FAULTS = {
    "output_padding is ignored": Fault("#layer_torch.js", "end: p[at] - o[at] }", "end: p[at] }"),
    "dilation is ignored": Fault(
        "#layer_torch.js", 'const d = numbersOf(values, "dilation"', 'const d = numbersOf(values, "none"'
    ),
    "the crop is turned round": Fault("#layer_torch.js", "[front, end +", "[end, front +"),
}


class TorchCall(NamedTuple):
    """A call of PyTorch, its arguments, and the number of its spatial axes."""

    text: str
    rank: int
    channels: int


def draw_call(rng: random.Random) -> TorchCall:
    """Return a call in one of the forms that people write; padding does not exceed the kernel much."""
    rank, channels = rng.choice((1, 2, 3)), rng.choice((1, 3, 64))

    def lengths(*values: int) -> str:
        numbers = [rng.choice(values) for _ in range(rank)]
        return str(numbers[0]) if rng.random() < 0.7 else "(%s,)" % ", ".join(map(str, numbers))

    named = {"stride": lengths(1, 2, 2, 3), "padding": lengths(0, 1, 1, 2), "output_padding": lengths(0, 0, 1)}
    if rng.random() < 0.3:
        named["dilation"] = lengths(1, 2)
    if rng.random() < 0.3:
        named["bias"] = "False"
    counts = "%d, %d, %s" % (channels, rng.choice((1, 32)), lengths(1, 2, 3, 4, 5))
    if rng.random() < 0.3:  # by position
        rest = ", ".join([named.pop("stride"), named.pop("padding"), named.pop("output_padding")])
        counts = "%s, %s" % (counts, rest)
    further = "".join(", %s=%s" % item for item in rng.sample(sorted(named.items()), len(named)))
    prefix = rng.choice(("nn.", "torch.nn.", "", "self.up = nn."))
    return TorchCall("%sConvTranspose%dd(%s%s)" % (prefix, rank, counts, further), rank, channels)


def draw_calls() -> list[TorchCall]:
    """Return the calls that are compared."""
    rng = random.Random(SEED)
    return [draw_call(rng) for _ in range(COUNT)]


def read_in_page(browser: Browser, path: Path, calls: list[TorchCall]) -> list[dict[str, Any]]:
    """Return the layers and the notes of a page about the calls."""
    page = browser.new_page()
    page.goto(path.as_uri())
    samples = [
        {
            "call": call.text,
            "before": {
                "rank": str(call.rank),
                "input": "x".join(["1", *["9"] * (call.rank + 1)]),
                "data_format": "channels_first",
                "target": "",
            },
        }
        for call in calls
    ]
    found: list[dict[str, Any]] = page.evaluate(READ, samples)
    page.close()
    return found


def find_difference(call: TorchCall, found: dict[str, Any]) -> str:
    """Return how the page's layer differs from that of ``fixtures.explain``; an empty text if it does not."""
    shape = "x".join([str(call.channels), *["9"] * call.rank])
    layer: Layer = read_words((call.text, "--input", shape)).layer
    case, windows = case_of_layer(found["layer"]), make_windows(layer, (9,) * call.rank)
    exact, cropped = find_keras_layer(layer, windows), find_cropped_layer(layer, windows)
    nearest = exact or (cropped and cropped[0])
    if layer.problems or nearest is None:
        return (
            "" if broken_rules(case) or "refuses" in found["notes"] or "must follow" in found["notes"] else "accepted"
        )
    if case.channels != call.channels or case.data_format != "channels_first":
        return "input"
    for name in ("kernel_size", "strides", "dilation_rate", "padding", "output_padding", "filters", "use_bias"):
        if getattr(case, name) != getattr(nearest, name):
            return name
    cuts = "" if exact or not cropped else ", ".join(map(repr, cropped[1]))
    return "" if cuts in found["notes"] and bool(cuts) == ("must follow" in found["notes"]) else "crop"


def test_a_torch_call_is_the_layer_that_explain_finds(browser: Browser, layer_page: Path) -> None:
    """The same layer, or the same layer and the same crop after it."""
    calls = draw_calls()
    found = read_in_page(browser, layer_page, calls)
    compared = [(call.text, find_difference(call, one)) for call, one in zip(calls, found)]
    wrong = [one for one in compared if one[1]]
    assert not wrong, wrong[:3]
    assert sum("must follow" in one["notes"] for one in found) > COUNT // 10
    assert sum(one["layer"]["padding"] == "same" for one in found) > COUNT // 10


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_the_reading_is_found(browser: Browser, tmp_path: Path, name: str) -> None:
    """A comparison that cannot fail would prove nothing."""
    path = tmp_path / "faulty.html"
    path.write_text(make_layer_page(FAULTS[name]), encoding="utf-8")
    calls = draw_calls()
    assert any(find_difference(*pair) for pair in zip(calls, read_in_page(browser, path, calls)))


def test_a_torch_call_fills_the_fields(open_page: Open, layer_page: Path) -> None:
    """A layer of a GAN has an exact Keras layer; one with an odd crop in front needs a Cropping layer."""
    page: Page = open_page(path=layer_page)
    page.locator("#layer-call").fill("nn.ConvTranspose2d(512, 256, 4, 2, 1, bias=False)")
    expect(page.locator("#layer-input")).to_have_value("512x28x28")
    expect(page.locator(".layer-result")).to_contain_text("(None, 256, 56, 56)")
    page.locator("#layer-call").fill("nn.ConvTranspose2d(64, 64, 3, stride=2, padding=1, output_padding=1)")
    expect(page.locator("#layer-notes")).to_contain_text('Cropping2D(((1, 0), (1, 0)), data_format="channels_first")')


CROPPED = "nn.ConvTranspose2d(64, 32, 4, 2, 2)"  # 28 cells become 54; no padding of Keras gives 54
CROPPING = 'keras.layers.Cropping2D(((2, 2), (2, 2)), data_format="channels_first")'


def test_the_crop_of_a_torch_call_stays_with_the_layer(open_page: Open, layer_page: Path) -> None:
    """The result has the lengths of PyTorch; another input, and the text that the page writes, keep the crop."""
    page: Page = open_page(path=layer_page)
    call, result, notes = page.locator("#layer-call"), page.locator(".layer-result"), page.locator("#layer-notes")
    call.fill(CROPPED)
    expect(result).to_contain_text("becomes (None, 32, 58, 58); after the crop: 54x54")
    page.locator("#layer-input").fill("64x30x31")
    expect(result).to_contain_text("after the crop: 58x60")
    expect(notes).to_contain_text("must follow")
    expect(call).to_have_value(re.compile(r"^keras\.layers\.Conv2DTranspose\(.*\)\n" + re.escape(CROPPING) + "$"))
    call.fill(call.input_value() + " ")
    expect(result).to_contain_text("after the crop: 58x60")
    page.locator("#layer-target").fill("58x60")
    expect(page.locator("#layer-answer")).to_contain_text("The output is 58x60 after the crop.")
    page.locator("#layer-input").fill("64x1x1")
    expect(result).to_contain_text("after the crop: nothing is left")


def test_a_crop_that_no_longer_applies_is_left_out_with_a_sentence(open_page: Open, layer_page: Path) -> None:
    """With other strides, PyTorch's call is another one; the sentence stays until another call is read."""
    page: Page = open_page(path=layer_page)
    page.locator("#layer-call").fill(CROPPED)
    page.locator("#layer-strides").fill("3")
    page.locator("#layer-filters").fill("8")
    expect(page.locator(".layer-result")).not_to_contain_text("crop")
    expect(page.locator("#layer-call")).not_to_have_value(re.compile("Cropping"))
    expect(page.locator("#layer-notes")).to_have_text(
        "The Cropping layer of the call was left out, because strides changed."
    )
    page.locator("#layer-call").fill("Conv2DTranspose(8, 3, input_shape=(4, 4, 2))")
    expect(page.locator("#layer-notes li")).to_have_count(0)


def test_the_crop_of_one_axis_is_written_and_read(open_page: Open, layer_page: Path) -> None:
    """Cropping1D knows no channels_first, so axes change places before and after it."""
    page: Page = open_page(path=layer_page)
    page.locator("#layer-call").fill("nn.ConvTranspose1d(64, 32, 4, 2, 2)")
    page.locator("#layer-input").fill("64x28")
    expect(page.locator("#layer-call")).to_have_value(
        re.compile(
            r"\nkeras\.layers\.Permute\(\(2, 1\)\)\nkeras\.layers\.Cropping1D\(\(2, 2\)\)\nkeras\.layers\.Permute"
        )
    )
    page.locator("#layer-call").fill(page.locator("#layer-call").input_value() + " ")
    expect(page.locator(".layer-result")).to_contain_text("after the crop: 54")


def test_the_input_of_a_torch_call_is_read_with_its_channels_first(open_page: Open, layer_page: Path) -> None:
    """An input that is read in another way than it is written says so."""
    page: Page = open_page(path=layer_page)
    page.locator("#layer-input").fill("64x28x30")
    page.locator("#layer-call").fill(CROPPED)
    expect(page.locator("#layer-input")).to_have_value("64x28x30")
    expect(page.locator("#layer-notes")).not_to_contain_text("was read as")
    page.locator("#layer-call").fill("Conv2DTranspose(8, 3)")
    expect(page.locator("#layer-input")).to_have_value("28x30x64")
    page.locator("#layer-call").fill(CROPPED)
    expect(page.locator("#layer-notes")).to_contain_text(
        "PyTorch has the channels first: the input 28x30x64 was read as 64x28x30."
    )


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ("nn.ConvTranspose2d(64, 32)", "The call has no kernel_size."),
        ("nn.ConvTranspose2d(64, 32, k)", "kernel_size is the code k, which is not evaluated: write its number."),
        ("nn.ConvTranspose2d(64, 32, 2.5)", "kernel_size needs whole numbers."),
        ("nn.ConvTranspose2d(64, 32, (3, 3, 3))", "kernel_size has 3 numbers, where one or 2 are needed."),
        ("nn.ConvTranspose2d(64, 32, 3, padding=-1)", "PyTorch refuses a negative padding or output_padding."),
        ("nn.ConvTranspose2d(64, 32, 3, output_padding=1)", "PyTorch refuses output_padding=1"),
        ("nn.ConvTranspose2d(64, 64, 4, 2, 1, groups=64)", "Keras has no groups"),
    ],
)
def test_a_torch_call_that_cannot_be_taken_says_why(
    open_page: Open, layer_page: Path, call: str, sentence: str
) -> None:
    """The sentence is below the call."""
    page = open_page(path=layer_page)
    page.locator("#layer-call").fill(call)
    expect(page.locator("#layer-notes")).to_contain_text(sentence)

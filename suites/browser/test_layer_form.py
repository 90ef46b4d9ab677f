"""Tests of the form "Check my layer": what it shows for calls, fields and causes, and what without JavaScript."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from suites.browser.conftest import Open


@pytest.fixture
def form(open_page: Open, layer_page: Path) -> Page:
    """Return the page with the form, after it has its first answer."""
    page = open_page(path=layer_page)
    page.locator("#layer-form .layer-result").first.wait_for()
    return page


def test_a_call_fills_the_fields_and_has_an_answer(form: Page) -> None:
    """The call is written as people write it."""
    form.locator("#layer-call").fill('x = keras.layers.Conv2DTranspose(64, (5, 5), strides=2, padding="SAME")(x)')
    expect(form.locator("#layer-kernel_size")).to_have_value("5x5")
    expect(form.locator("#layer-padding")).to_have_value("same")
    expect(form.locator(".layer-result")).to_contain_text("(None, 56, 56, 64)")
    expect(form.locator("#layer-answer .geometry")).to_have_count(1)
    expect(form.locator("#layer-answer")).to_contain_text("n s = 28 * 2 = 56")


def test_another_layer_and_data_format_keep_the_channels(form: Page) -> None:
    """Channels move to where data_format puts them, and the first length stands for all."""
    form.locator("#layer-data_format").select_option("channels_first")
    expect(form.locator("#layer-input")).to_have_value("64x28x28")
    form.locator("#layer-rank").select_option("3")
    expect(form.locator("#layer-input")).to_have_value("64x28x28x28")
    form.locator("#layer-call").fill("Conv1DTranspose(8, 25, strides=4, padding='same')")
    expect(form.locator("#layer-input")).to_have_value("28x64")
    expect(form.locator(".layer-result")).to_contain_text("(None, 112, 8)")


def test_a_refused_layer_says_why_and_what_it_would_be(form: Page) -> None:
    """The rules have their ids."""
    form.locator("#layer-output_padding").fill("2")
    expect(form.locator("#layer-answer")).to_contain_text("Keras must refuse this layer")
    expect(form.locator("#layer-answer")).to_contain_text("R6")
    form.locator("#layer-output_padding").fill("None")
    expect(form.locator(".layer-result")).to_contain_text("becomes")


def test_a_target_size_lists_changes(form: Page) -> None:
    """The nearest is first."""
    form.locator("#layer-target").fill("55x55")
    expect(form.locator("#layer-answer ol li").first).to_contain_text("output_padding=0")
    expect(form.locator("#layer-answer ol li").last).to_contain_text("then Cropping2D(((0, 1), (0, 1)))")


def test_the_causes_of_the_page_are_compared_with_the_layer(form: Page) -> None:
    """A cause whose region has the layer is named with a link to it; one of every layer is folded."""
    causes = form.locator("#layer-answer .layer-causes")
    expect(form.locator("#layer-answer")).to_contain_text("contains this layer (compared: 3)")
    form.locator("#layer-data_format").select_option("channels_first")
    expect(causes.first).to_contain_text("A bias along the width")
    expect(causes.first.locator("a")).to_have_attribute("href", "#cause=0")
    expect(causes.last).to_contain_text("Every layer")


def test_the_first_sentence_says_which_deviations_match(form: Page) -> None:
    """A near miss says what it lacks; a mode that is not known leaves it open."""
    verdict = form.locator("#layer-answer > .layer-verdict")
    expect(verdict).to_contain_text(re.compile(r"^No known deviation matches this layer\. 1 is about certain"))
    assert form.locator("#layer-answer").evaluate("(place) => place.firstElementChild.className") == "layer-verdict"
    misses = form.locator(".layer-misses")
    misses.locator("summary").click()
    expect(misses.locator("li")).to_have_text(
        [
            "A bias along the width needs channels_first.",
            "Only in XLA needs filters = 7.",
        ]
    )
    expect(misses.locator("summary")).to_have_text("2 deviations would match if one more condition held")
    expect(verdict).to_contain_text("2 of the 3 causes on this page do not match.")
    form.locator("#layer-data_format").select_option("channels_first")
    expect(verdict).to_contain_text("1 known deviation matches this layer: A bias along the width.")
    expect(verdict.locator("a")).to_have_attribute("href", "#cause=0")
    expect(misses).to_have_count(0)  # the other lacks two conditions now
    form.locator("#layer-call").fill("Conv2DTranspose(7, 3)")
    expect(verdict).to_contain_text("1 may match, depending on the mode or a field left open: Only in XLA.")
    expect(verdict).to_contain_text("No known deviation matches this layer.")


def test_the_text_of_a_line_is_selected_when_it_gets_the_focus(form: Page) -> None:
    """Typing replaces it, after a click and after a tab key."""
    line = form.locator("#layer-kernel_size")
    line.click()
    form.keyboard.type("7x7")
    expect(line).to_have_value("7x7")
    line.press("Tab")
    form.keyboard.type("3")
    expect(form.locator("#layer-strides")).to_have_value("3")


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ("Conv2DTranspose(64, 3, padding='full')", 'padding="full": Keras takes "valid" or "same" only (C1).'),
        ("Conv2DTranspose(64, (3, 3, 3))", "kernel_size=(3, 3, 3) has 3 entries, and the layer 2 axes (C1)."),
        ("Conv2DTranspose(64, 2.5)", "kernel_size needs whole numbers, and has 2.5 (C1)."),
        ("Conv2DTranspose(n, k)", "kernel_size is the code k, which is not evaluated: set its value below."),
        ("Conv2DTranspose(64, 3, stride=n)", "stride is not an argument of Conv2DTranspose (C1)."),
        ("Conv2DTranspose(64, 3", "The call is not finished: its closing parenthesis is missing."),
        (
            "Dense(3)",
            "There is no call of Conv1DTranspose, Conv2DTranspose, Conv3DTranspose or PyTorch's nn.ConvTranspose",
        ),
    ],
)
def test_a_call_that_cannot_be_taken_says_why(form: Page, call: str, sentence: str) -> None:
    """The sentence is below the call."""
    form.locator("#layer-call").fill(call)
    expect(form.locator("#layer-notes")).to_contain_text(sentence)


def test_a_text_without_a_call_is_an_error_and_has_no_answer(form: Page) -> None:
    """The answer about the layer before would pass for that of the text; another field brings it back."""
    form.locator("#layer-call").fill("foo(3)")
    expect(form.locator("#layer-call")).to_have_attribute("aria-invalid", "true")
    expect(form.locator("#layer-notes .alarm")).to_contain_text("There is no call of")
    expect(form.locator("#layer-answer")).to_be_empty()
    form.locator("#layer-filters").fill("8")
    expect(form.locator(".layer-result")).to_contain_text("(None, 56, 56, 8)")
    expect(form.locator("#layer-call")).not_to_have_attribute("aria-invalid", "true")
    expect(form.locator("#layer-notes li")).to_have_count(0)


def test_an_input_that_is_no_shape_says_what_to_write(form: Page) -> None:
    """The example has as many numbers as the layer needs, in the order of data_format."""
    form.locator("#layer-input").fill("abc")
    expect(form.get_by_role("alert")).to_have_text("Input: “abc” is not a whole number; write 28x28x3.")
    form.locator("#layer-input").fill("28x28x3")
    form.locator("#layer-data_format").select_option("channels_first")
    form.locator("#layer-input").fill("abc")
    expect(form.get_by_role("alert")).to_have_text("Input: “abc” is not a whole number; write 3x28x28.")


def test_without_javascript_a_sentence_names_the_command(open_page: Open, layer_page: Path) -> None:
    """The form is not there."""
    page = open_page(path=layer_page, java_script_enabled=False)
    expect(page.locator("#layer-without")).to_contain_text("python -m fixtures explain")
    expect(page.locator("#layer-form")).to_be_hidden()


def test_a_wrong_field_is_marked_and_explained(form: Page) -> None:
    """A correction brings the answer back."""
    form.locator("#layer-kernel_size").fill("3xx")
    expect(form.locator("#layer-kernel_size")).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_role("alert")).not_to_be_empty()
    form.locator("#layer-kernel_size").fill("(3, 3)")
    expect(form.locator("#layer-problem")).to_be_empty()

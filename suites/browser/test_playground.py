"""Tests of the playground: sliders set the fields, and the cells of the drawing show what belongs to them."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fixtures.oracle.shape import cells_cropped_in_front, effective_kernel, output_length
from reports.page.playground import read_version, render_playground
from suites.browser.conftest import Open


@pytest.fixture
def playground(open_page: Open, tmp_path: Path) -> Page:
    """Return the page, after it has its first answer."""
    path = tmp_path / "playground.html"
    path.write_text(render_playground(), encoding="utf-8")
    page = open_page(path=path)
    expect(page.locator(".layer-result")).to_contain_text("(None, 8, 8, 32)")
    return page


def set_slider(page: Page, name: str, value: int) -> None:
    """Move a slider, as a reader does."""
    page.locator("input[type=range][data-field=%s]" % name).fill(str(value))


def test_a_slider_sets_all_axes_and_keeps_the_channels(playground: Page) -> None:
    """The answer follows at once."""
    set_slider(playground, "input", 7)
    expect(playground.locator("#layer-input")).to_have_value("7x7x3")
    set_slider(playground, "strides", 3)
    expect(playground.locator(".layer-result")).to_contain_text("(None, 21, 21, 32)")
    playground.locator("#layer-data_format").select_option("channels_first")
    set_slider(playground, "input", 5)
    expect(playground.locator("#layer-input")).to_have_value("3x5x5")


def test_a_slider_follows_its_field(playground: Page) -> None:
    """A pasted call moves the sliders; of lengths that differ a slider has the first, and all are read aloud."""
    playground.locator("#layer-call").fill("Conv2DTranspose(8, 7, strides=(2, 3))")
    expect(playground.locator("[data-field=kernel_size]")).to_have_value("7")
    expect(playground.locator("[data-field=strides]")).to_have_attribute("aria-valuetext", "2x3")
    expect(playground.locator("[data-field=strides]")).to_have_value("2")


def test_a_slider_starts_from_the_length_of_its_field(playground: Page) -> None:
    """A key moves it by one, from lengths that differ and from one beyond its range."""
    for text, after in (("28x30x3", "27x27x3"), ("200x200x3", "199x199x3")):
        playground.locator("#layer-input").fill(text)
        slider = playground.locator("[data-field=input]")
        slider.press("ArrowLeft")
        expect(playground.locator("#layer-input")).to_have_value(after)


def test_the_call_is_that_of_the_layer_that_is_drawn(playground: Page) -> None:
    """A slider, a field and a choice rewrite a pasted call, and remove the notes about it."""
    call = playground.locator("#layer-call")
    expect(call).to_have_value('keras.layers.Conv2DTranspose(32, 5, strides=2, padding="same")')
    call.fill("Conv2DTranspose(8, 7, strides=(2, 3), padding='full')")
    expect(playground.locator("#layer-notes li")).to_have_count(3)
    expect(playground.locator("#layer-notes")).to_contain_text("The call has no input shape")
    set_slider(playground, "kernel_size", 4)
    expect(call).to_have_value("keras.layers.Conv2DTranspose(8, 4, strides=(2, 3))")
    expect(playground.locator("#layer-notes li")).to_have_count(0)
    playground.locator("#layer-data_format").select_option("channels_first")
    expect(call).to_have_value('keras.layers.Conv2DTranspose(8, 4, strides=(2, 3), data_format="channels_first")')
    playground.locator("#layer-filters").fill("")
    expect(call).to_have_value('keras.layers.Conv2DTranspose(filters, 4, strides=(2, 3), data_format="channels_first")')


def test_a_field_that_cannot_be_read_leaves_the_call(playground: Page) -> None:
    """It is still that of the last drawing."""
    playground.locator("#layer-kernel_size").fill("4x")
    expect(playground.locator("#layer-call")).to_have_value(
        'keras.layers.Conv2DTranspose(32, 5, strides=2, padding="same")'
    )


def test_the_first_position_of_output_padding_is_none(playground: Page) -> None:
    """None is not 0: 4 cells become 8 or 7."""
    slider, field = playground.locator("[data-field=output_padding]"), playground.locator("#layer-output_padding")
    expect(slider).to_have_value("-1")
    expect(slider).to_have_attribute("aria-valuetext", "None")
    set_slider(playground, "output_padding", 0)
    expect(field).to_have_value("0")
    expect(playground.locator(".layer-result")).to_contain_text("(None, 7, 7, 32)")
    set_slider(playground, "output_padding", -1)
    expect(field).to_have_value("None")
    expect(playground.locator(".layer-result")).to_contain_text("(None, 8, 8, 32)")
    playground.locator("#layer-call").fill("Conv2DTranspose(8, 4, strides=3, output_padding=2)")
    expect(slider).to_have_value("2")


def test_the_footer_says_what_the_page_is(playground: Page) -> None:
    """Its version is that of the project."""
    expect(playground.locator("footer")).to_contain_text("keras-parity %s" % read_version())
    expect(playground.locator("footer")).to_contain_text("It works offline")


def test_the_page_has_no_causes_and_no_empty_list_of_sections(playground: Page) -> None:
    """It knows no runs."""
    expect(playground.get_by_text("Causes of this page")).to_have_count(0)
    expect(playground.locator("nav.sections")).to_have_count(0)


def test_an_output_cell_shows_its_inputs_and_taps(playground: Page) -> None:
    """4 cells, kernel 5, stride 2, same: the crop is 1 in front, so y[3] has x[0] w[4], x[1] w[2] and x[2] w[0]."""
    picture = playground.locator("svg.geometry")
    picture.locator("rect[data-cell=y3]").hover()
    expect(playground.locator(".linked [role=status]")).to_have_text("y[3] = x[2] w[0] + x[1] w[2] + x[0] w[4]")
    marked = set(picture.locator(".belongs").evaluate_all("all => all.map(one => one.dataset.cell)"))
    assert marked == {"y3", "x0", "x1", "x2", "w0", "w2", "w4"}
    picture.locator("rect[data-cell=x0]").first.hover()
    expect(playground.locator(".linked [role=status]")).to_have_text(
        "x[0] adds to y[0], y[1], y[2], y[3]; 1 of its products is cut off"
    )


def test_arrow_keys_walk_along_the_output(playground: Page) -> None:
    """Without a mouse."""
    playground.locator(".linked").focus()
    playground.keyboard.press("ArrowRight")
    expect(playground.locator(".linked [role=status]")).to_contain_text("y[0] =")
    playground.keyboard.press("ArrowRight")
    playground.keyboard.press("ArrowRight")
    expect(playground.locator(".linked [role=status]")).to_contain_text("y[2] =")
    playground.keyboard.press("ArrowLeft")
    expect(playground.locator(".linked [role=status]")).to_contain_text("y[1] =")


def make_axes() -> list[dict[str, int]]:
    """Return short axes with all combinations of their arguments, with the length and the crop of the oracle."""
    found = []
    for n, k, s, d, padding in product((1, 2, 4), (1, 2, 3, 5), (1, 2, 3), (1, 2), ("valid", "same")):
        m = output_length(n, k, s, padding, None, d)
        assert m is not None
        front = cells_cropped_in_front(n, effective_kernel(k, d), s, m, padding)
        found.append({"n": n, "k": k, "s": s, "d": d, "front": front, "m": m})
    return found


def links_of_oracle(axis: dict[str, int]) -> dict[str, list[str]]:
    """Return what belongs to every cell: the products i, j that the definition puts into each output cell."""
    pairs = [(i, j, i * axis["s"] + j * axis["d"] - axis["front"]) for i in range(axis["n"]) for j in range(axis["k"])]
    groups = [("x%d" % i, "w%d" % j, "y%d" % t) for i, j, t in pairs if 0 <= t < axis["m"]]
    names = ["%s%d" % (letter, at) for letter, many in (("x", "n"), ("w", "k"), ("y", "m")) for at in range(axis[many])]
    return {name: sorted({name, *(one for group in groups if name in group for one in group)}) for name in names}


LINKS = """async (axes) => {
    const { linksOf } = await import("#layer_links.js");
    const names = ({ n, k, m }) => [["x", n], ["w", k], ["y", m]].flatMap(
        ([letter, many]) => Array.from({ length: many }, (_, at) => `${letter}${at}`));
    return axes.map((axis) => Object.fromEntries(
        names(axis).map((name) => [name, [...linksOf(axis, name).cells].sort()])));
}"""


def test_what_belongs_to_a_cell_is_as_in_the_definition(playground: Page) -> None:
    """Of every cell of every short axis; the picture shows the same."""
    axes = make_axes()
    assert playground.evaluate(LINKS, axes) == [links_of_oracle(axis) for axis in axes]

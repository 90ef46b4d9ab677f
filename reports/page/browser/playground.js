// @ts-check
/** The sliders of the playground: each sets one length of the layer on all of its axes. */
import { part } from "#dom.js";

/**
 * Return the text of a field with one number for all axes; of the input, batch and channels stay. The first position of
 * output_padding is None.
 * @param {string} name
 * @param {string} before
 * @param {number} value
 */
function withLength(name, before, value) {
  if (name === "output_padding" && value < 0) return "None";
  if (name !== "input") return `${value}`;
  const rank = Number(part("layer-rank", HTMLSelectElement).value);
  const first = part("layer-data_format", HTMLSelectElement).value === "channels_first";
  const numbers = before.match(/-?\d+|none/gi) ?? [];
  const further = numbers.length - rank;
  const start = further === 2 ? 1 : 0;
  const at = further > 0 && first ? start + 1 : start;
  return numbers.map((number, place) => (place >= at && place < at + rank ? `${value}` : number)).join("x");
}

/**
 * Return the first length in the text of a field, or null if it has none.
 * @param {string} name
 * @param {string} text
 */
function lengthOf(name, text) {
  if (name === "output_padding" && /^(none)?$/i.test(text.trim())) return -1;
  const rank = Number(part("layer-rank", HTMLSelectElement).value);
  const numbers = (text.match(/-?\d+/g) ?? []).map(Number);
  const first = part("layer-data_format", HTMLSelectElement).value === "channels_first";
  const further = name === "input" ? numbers.length - rank : 0;
  const at = further === 2 ? 1 + Number(first) : further === 1 ? Number(first) : 0;
  const own = name === "input" ? numbers.slice(at, at + rank) : numbers;
  return own[0] ?? null;
}

/** @param {HTMLInputElement} slider */
function setUp(slider) {
  const name = slider.dataset.field ?? "";
  const field = part(`layer-${name}`, HTMLInputElement);
  const greatest = Number(slider.max);
  slider.addEventListener("input", (event) => {
    event.stopPropagation(); // the field's own event follows
    field.value = withLength(name, field.value, slider.valueAsNumber);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  return () => {
    const length = lengthOf(name, field.value);
    if (length !== null) {
      slider.max = `${Math.max(greatest, length)}`; // else the next step would start from the end of the range
      slider.value = `${length}`;
    }
    slider.setAttribute("aria-valuetext", field.value);
  };
}

/** Begin with the layer that people ask about most: 4x4, a 5x5 kernel, stride 2 and same padding become 8x8. */
function begin() {
  for (const [name, text] of [
    ["input", "4x4x3"],
    ["kernel_size", "5"],
  ])
    part(`layer-${name}`, HTMLInputElement).value = text;
  part("layer-form", HTMLFormElement).dispatchEvent(new Event("input"));
}

const sliders = [...document.querySelectorAll("input[type=range][data-field]")];
const follow = sliders.flatMap((slider) => (slider instanceof HTMLInputElement ? [setUp(slider)] : []));
part("layer-form", HTMLFormElement).addEventListener("input", () => {
  for (const update of follow) update();
});
begin();

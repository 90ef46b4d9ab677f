// @ts-check
/** The form "Check my layer": read it, and show the answer whenever a field changes. */
import { make, part } from "#dom.js";
import { makeAxes, makeCauses, makeChanges, makeResult } from "#layer_answer.js";
import { readCall, textsOfCall } from "#layer_call.js";
import { matchingCauses, nearMisses } from "#layer_causes.js";
import { changedArgument, readCrop, writeCrop } from "#layer_crop.js";
import { DEFAULTS, FieldError, readLayer, readTarget, refitInput } from "#layer_fields.js";
import { CallError } from "#layer_python.js";
import { readTorchCall } from "#layer_torch.js";
import { makeVerdict } from "#layer_verdict.js";
import { writeCall } from "#layer_written.js";
import { linkRules } from "#rule_links.js";

/** @import { Cause } from "#layer_causes.js" */
/** @import { Crop } from "#layer_crop.js" */
/** @import { Layer } from "#layer_shape.js" */
/** @typedef {keyof typeof DEFAULTS} Name */

const NAMES = /** @type {Name[]} */ (Object.keys(DEFAULTS));
/** The texts of the fields when they were last shown. @type {typeof DEFAULTS} */
let shown = DEFAULTS;
/** The crop that follows the layer of the call. @type {Crop | null} */
let crop = null;
/** Why the crop of the call was left out, or empty. */
let dropped = "";

/** @param {Name} name */
function field(name) {
  const element = document.getElementById(`layer-${name}`);
  if (element instanceof HTMLInputElement || element instanceof HTMLSelectElement) return element;
  throw new Error(`the page has no layer-${name}`);
}

function readTexts() {
  const entries = NAMES.map((name) => [name, field(name).value]);
  return /** @type {typeof DEFAULTS} */ (Object.fromEntries(entries));
}

/**
 * @param {Cause[]} causes
 * @param {Layer} layer
 */
function aboutCauses(causes, layer) {
  const title = make("h3", {}, "Causes of this page that may concern it");
  return [title, ...makeCauses(matchingCauses(causes, layer), causes.length)];
}

/**
 * Show the answer about the layer in the fields. Return the layer, or null if a field cannot be read.
 * @param {Cause[] | null} causes those of the page's runs; null for a page without runs
 */
function answer(causes) {
  const problem = part("layer-problem", HTMLElement);
  const place = part("layer-answer", HTMLElement);
  problem.replaceChildren();
  for (const name of NAMES) field(name).removeAttribute("aria-invalid");
  try {
    const texts = readTexts();
    const layer = readLayer(texts);
    dropChangedCrop(texts);
    shown = texts;
    const target = readTarget(texts);
    place.replaceChildren(
      ...(causes ? makeVerdict(matchingCauses(causes, layer), nearMisses(causes, layer), causes.length) : []),
      ...makeResult(layer, crop),
      ...(target ? [make("h3", {}, "What to change"), ...makeChanges(layer, target, crop)] : []),
      ...makeAxes(layer),
      ...(causes ? aboutCauses(causes, layer) : []),
    );
    linkRules(place);
    return layer;
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    field(/** @type {Name} */ (error.field)).setAttribute("aria-invalid", "true");
    problem.textContent = error.message;
    place.replaceChildren();
    return null;
  }
}

/**
 * Leave the crop out if it belongs to other arguments than those in the fields.
 * @param {typeof DEFAULTS} texts
 */
function dropChangedCrop(texts) {
  const changed = changedArgument(shown, texts);
  if (!crop || !changed) return;
  dropped = `The Cropping layer of the call was left out, because ${changed} changed.`;
  crop = null;
}

/**
 * Show the answer after a field changed; the text of the call becomes that of the layer that is shown.
 * @param {Cause[] | null} causes
 * @param {EventTarget | null} changed
 */
function answerChange(causes, changed) {
  const call = part("layer-call", HTMLTextAreaElement);
  if (changed === call && call.getAttribute("aria-invalid")) return;
  const layer = answer(causes);
  if (changed === call || !layer) return;
  call.removeAttribute("aria-invalid");
  call.value = writeCall(layer) + (crop ? writeCrop(layer, crop) : "");
  call.rows = call.value.split("\n").length + 1;
  const note = crop ? "The Cropping layer of the call must follow the layer." : dropped;
  part("layer-notes", HTMLElement).replaceChildren(...(note ? [make("li", {}, note)] : []));
}

/** Fill the fields from the pasted call; what it does not set gets its default. */
function readCallText() {
  const place = part("layer-notes", HTMLElement);
  const area = part("layer-call", HTMLTextAreaElement);
  const text = area.value;
  place.replaceChildren();
  area.removeAttribute("aria-invalid");
  if (!text.trim()) return;
  try {
    const call = readTorchCall(text) ?? readCall(text);
    const texts = textsOfCall(call, shown);
    for (const name of NAMES) field(name).value = texts[name];
    [crop, dropped, shown] = [call.crop ?? readCrop(text, call.rank), "", texts];
    const words = [...call.refused.map((sentence) => `Keras refuses the call: ${sentence}`), ...call.notes];
    if (call.refused.length) words.push("Below, what is refused has its default.");
    place.replaceChildren(...words.map((sentence) => make("li", {}, sentence)));
    linkRules(place);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    area.setAttribute("aria-invalid", "true");
    place.replaceChildren(make("li", { class: "alarm" }, error.message));
    part("layer-answer", HTMLElement).replaceChildren(); // it would be about another call
  }
}

/** Fit the fields of lengths to another layer or data_format. */
function refit() {
  const [rank, format] = [field("rank").value, field("data_format").value];
  field("input").value = refitInput(shown, Number(rank), format);
  if (rank === shown.rank) return;
  for (const name of /** @type {Name[]} */ (["kernel_size", "strides", "dilation_rate", "output_padding", "target"]))
    field(name).value = field(name).value.split(/[x×,\s]+/)[0];
}

/** Select the text of a line that gets the focus, by the keyboard or a click, so that typing replaces it. */
function selectOnFocus(/** @type {FocusEvent} */ { target }) {
  if (!(target instanceof HTMLInputElement) || target.type !== "text") return;
  target.select();
  target.addEventListener("mouseup", (event) => event.preventDefault(), { once: true }); // it would end the selection
}

function start() {
  /** @type {Cause[] | null} */
  const causes = JSON.parse(part("layer-causes", HTMLScriptElement).text);
  const form = part("layer-form", HTMLFormElement);
  for (const name of NAMES) field(name).value = DEFAULTS[name];
  part("layer-call", HTMLTextAreaElement).addEventListener("input", readCallText);
  form.addEventListener("focusin", selectOnFocus);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", ({ target }) => answerChange(causes, target)); // after readCallText, because events bubble
  for (const name of /** @type {Name[]} */ (["rank", "data_format"])) field(name).addEventListener("input", refit);
  part("layer-without", HTMLElement).hidden = true;
  form.hidden = false;
  answer(causes);
}

start();

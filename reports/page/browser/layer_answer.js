// @ts-check
/** Make the parts of the answer about one layer: result, refusals, axes, changes and causes. */
import { make } from "#dom.js";
import { findChanges } from "#layer_changes.js";
import { croppedSize } from "#layer_crop.js";
import { isDrawable, planDrawing } from "#layer_drawing.js";
import { linkCells } from "#layer_links.js";
import { makePicture } from "#layer_picture.js";
import { brokenRules, hasLengths } from "#layer_rules.js";
import { axesOf, isAdmissible, outputPaddingChoices, outputSize, shapeInLayout } from "#layer_shape.js";
import { fullSentence, noneIsNotZero, ruleSentences, writtenShape } from "#layer_words.js";

/** @import { Crop } from "#layer_crop.js" */
/** @import { Axis, Layer } from "#layer_shape.js" */
/** @import { Match } from "#layer_causes.js" */

const CHOICES = 8; // values of output_padding that are listed
const ALWAYS = 12; // causes of every layer that are listed

/**
 * Return the sentence with the output shape, or why Keras must refuse the layer.
 * @param {Layer} layer
 * @param {Crop | null} crop what a Cropping layer cuts after it
 * @returns {HTMLElement[]}
 */
export function makeResult(layer, crop) {
  const broken = brokenRules(layer);
  const input = writtenShape(shapeInLayout(layer, layer.size, layer.channels ?? "channels"));
  const output = hasLengths(layer)
    ? writtenShape(shapeInLayout(layer, outputSize(layer), layer.filters ?? "filters"))
    : "";
  const parts = [];
  if (!broken.length)
    parts.push(
      make(
        "p",
        { class: "layer-result" },
        make("code", {}, input),
        " becomes ",
        make("strong", {}, make("code", {}, output)),
        ...(crop ? ["; after the crop: ", make("strong", {}, croppedInWords(layer, crop))] : []),
      ),
    );
  else
    parts.push(
      make("p", { class: "layer-result refused" }, make("strong", {}, "Keras must refuse this layer:")),
      make("ul", { class: "rules" }, ...broken.map((rule) => refusal(rule))),
    );
  if (broken.length && output) parts.push(make("p", { class: "note" }, `Otherwise it would be ${output}.`));
  if (brokenRules(layer, true).length > broken.length)
    parts.push(make("p", { class: "note" }, make("b", {}, "R9"), " Keras 2 also refuses dilations that differ."));
  return parts;
}

/**
 * @param {Layer} layer
 * @param {Crop} crop
 */
function croppedInWords(layer, crop) {
  return croppedSize(layer, crop)?.join("x") ?? "nothing is left";
}

/** @param {import("#layer_rules.js").Broken} rule */
function refusal({ id, sentence, source, where }) {
  return make("li", {}, make("b", {}, id), ` ${sentence}${where ? ` (${where})` : ""}; ${source}.`);
}

/**
 * Return a part for each axis; equal axes share one.
 * @param {Layer} layer
 */
export function makeAxes(layer) {
  if (!hasLengths(layer)) return [];
  /** @type {Map<string, Axis & { names: string[] }>} */
  const distinct = new Map();
  for (const axis of axesOf(layer)) {
    const key = JSON.stringify({ ...axis, name: "" });
    const found = distinct.get(key);
    if (found) found.names.push(axis.name);
    else distinct.set(key, { ...axis, names: [axis.name] });
  }
  return [make("div", { class: "axes" }, ...[...distinct.values()].map(makeAxis))];
}

/** @param {Axis & { names: string[] }} axis */
function makeAxis(axis) {
  const name = capitalized(axis.names.join(", ").replace(/, (\w+)$/, " and $1"));
  const title = make("h3", {}, `${name}: ${axis.n} ${axis.n === 1 ? "becomes" : "become"} ${axis.m}`);
  const drawing = isDrawable(axis) ? planDrawing(axis) : null;
  const notes = drawing ? drawing.notes : ["This axis is too long for a drawing."];
  const rules = [["", fullSentence(axis)], ...ruleSentences(axis)].map(([id, sentence]) =>
    make("li", {}, id ? make("b", {}, id) : "", ` ${sentence}`),
  );
  return make(
    "div",
    {},
    title,
    drawing ? linkCells(makePicture(drawing, name), axis, name) : "",
    ...notes.map((note) => make("p", { class: "note" }, note)),
    make("ul", { class: "rules" }, ...rules),
    make("p", { class: "note" }, choicesInWords(axis)),
  );
}

/** @param {Axis} axis */
function choicesInWords(axis) {
  const choices = outputPaddingChoices(axis, CHOICES).map(
    ({ o, m, accepted }) => `${o ?? "None"} gives ${m}${accepted ? "" : " (refused, R8)"}`,
  );
  const more = axis.s > CHOICES ? ", ..." : "";
  return `output_padding: ${choices.join(", ")}${more}. ${noneIsNotZero(axis)}`;
}

/**
 * Return what to change to get the target lengths.
 * @param {Layer} layer
 * @param {number[]} target
 * @param {Crop | null} crop what a Cropping layer cuts after it
 */
export function makeChanges(layer, target, crop) {
  const size = target.join("x");
  if (crop && croppedInWords(layer, crop) === size) return [make("p", {}, `The output is ${size} after the crop.`)];
  const changes = findChanges(layer, target);
  if (!changes.length) {
    const done = !brokenRules(layer).length && `${outputSize(layer)}` === `${target}`;
    return [make("p", {}, done ? `The output is ${size} already.` : `No change was found that gives ${size}.`)];
  }
  const why = whyNoOutputPadding(layer, target);
  const items = changes.map(({ code, note }) =>
    make("li", {}, make("code", {}, code), note && make("span", { class: "quiet" }, ` ${note}`)),
  );
  return [
    make("p", {}, `For an output of ${size}${crop ? " without the crop" : ""}, the nearest change first:`),
    make("ol", {}, ...items),
    why && make("p", { class: "note" }, why),
  ];
}

/**
 * Return why no output_padding gives the target lengths, or an empty text if none is too short or too long.
 * @param {Layer} layer
 * @param {number[]} target
 */
function whyNoOutputPadding(layer, target) {
  if (!hasLengths(layer)) return "";
  const reasons = axesOf(layer).flatMap((axis, at) => {
    const { admissible, name, n, padding } = axis;
    if (!admissible || isAdmissible(axis, target[at])) return [];
    const range = [...new Set(admissible)].join(" to ");
    return [`${name} ${n} can become ${range} (${padding === "same" ? "A3" : "A2"})`];
  });
  return reasons.length ? `No output_padding alone does it: ${reasons.join("; ")}.` : "";
}

/**
 * Return the causes of this page that concern the layer, those of every layer apart.
 * @param {Match[]} matches
 * @param {number} compared the number of causes that have a region
 */
export function makeCauses(matches, compared) {
  const own = matches.filter(({ always }) => !always);
  const others = matches.filter(({ always }) => always);
  const parts = [];
  if (!compared) return [make("p", {}, "This page has no cause with a region to compare with.")];
  if (!own.length)
    parts.push(
      make("p", {}, `No cause whose region depends on the arguments contains this layer (compared: ${compared}).`),
    );
  else parts.push(make("ul", { class: "layer-causes" }, ...own.map(makeCause)));
  if (others.length) {
    const summary = make(
      "summary",
      {},
      `${others.length} more about certain uses of any layer: forms of an argument, files, calls`,
    );
    const items = others.slice(0, ALWAYS).map(makeCause);
    parts.push(make("details", {}, summary, make("ul", { class: "layer-causes" }, ...items)));
  }
  return parts;
}

/** @param {Match} match */
function makeCause({ cause, suites }) {
  const facts = [cause.severity, cause.owner, cause.versions, `in ${suites.join(", ")}`].filter(Boolean).join("; ");
  const place = make("a", { href: `#${cause.anchor}` }, make("bdi", {}, cause.title));
  return make("li", {}, place, make("span", { class: "quiet" }, ` ${facts}`));
}

/** @param {string} text */
function capitalized(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

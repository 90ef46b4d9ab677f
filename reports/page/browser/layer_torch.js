// @ts-check
/** Read a pasted PyTorch call, such as nn.ConvTranspose2d(64, 32, 4, 2, 1), as the Keras layer that computes the same. */
import { byName } from "#layer_call.js";
import { callAfter } from "#layer_changes.js";
import { CallError, isCode, readArguments } from "#layer_python.js";
import { isAccepted } from "#layer_rules.js";
import { effectiveKernel } from "#layer_shape.js";

/** @import { Call } from "#layer_call.js" */
/** @import { PythonValue } from "#layer_python.js" */
/** @import { Layer } from "#layer_shape.js" */
/** The lengths of one axis, the cells that torch cuts at both ends, and those that it adds. @typedef {{ k: number, s: number, d: number, front: number, end: number }} Cut */
/** @typedef {{ padding: string, output_padding: number[] | null, pairs: number[][] | null }} Choice */

const CALL = /(?:\b[\w.]+\.)?\bConvTranspose([123])d\s*\(/;
const LENGTHS = ["stride", "padding", "output_padding"];
const NAMES = ["in_channels", "out_channels", "kernel_size", ...LENGTHS, "groups", "bias", "dilation", "padding_mode"];

/**
 * Return what a pasted call of PyTorch says about the Keras layer, or null if the text has none. Throws a CallError.
 * @param {string} source
 * @returns {Call | null}
 */
export function readTorchCall(source) {
  const found = CALL.exec(source);
  if (!found) return null;
  const rank = Number(found[1]);
  const values = byName(readArguments(source, found.index + found[0].length), [...NAMES, "device", "dtype"]);
  const [k, s] = [numbersOf(values, "kernel_size", rank), numbersOf(values, "stride", rank, 1)];
  const [p, o] = [numbersOf(values, "padding", rank, 0), numbersOf(values, "output_padding", rank, 0)];
  const d = numbersOf(values, "dilation", rank, 1);
  if (Math.min(...p, ...o) < 0) throw new CallError("PyTorch refuses a negative padding or output_padding.");
  const cuts = k.map((_, at) => ({ k: k[at], s: s[at], d: d[at], front: p[at], end: p[at] - o[at] }));
  const choice = chooseKerasLayer(cuts);
  const lengths = { kernel_size: k, strides: s, dilation_rate: d, output_padding: choice.output_padding };
  const texts = Object.entries(lengths).map(([name, numbers]) => [name, numbers?.join("x") ?? "None"]);
  const [filters] = numbersOf(values, "out_channels", 1);
  /** @type {Call} */
  const call = { rank, fields: Object.fromEntries(texts), notes: notesOf(values, cuts, choice), refused: [] };
  call.fields.filters = `${filters}`;
  call.fields.padding = choice.padding;
  call.fields.data_format = "channels_first";
  call.fields.use_bias = values.get("bias") === false ? "no" : "yes";
  call.crop = choice.pairs;
  call.channels = numbersOf(values, "in_channels", 1)[0];
  return call;
}

/**
 * Return an argument with a number for each axis. Throws a CallError if it is missing or not a number.
 * @param {Map<string, PythonValue>} values
 * @param {string} name
 * @param {number} rank
 * @param {number} [otherwise]
 */
function numbersOf(values, name, rank, otherwise) {
  const value = values.get(name) ?? otherwise;
  if (value === undefined) throw new CallError(`The call has no ${name}.`);
  if (isCode(value))
    throw new CallError(`${name} is the code ${value.code}, which is not evaluated: write its number.`);
  const given = Array.isArray(value) ? value : [value];
  const numbers = given.filter((one) => typeof one === "number").filter(Number.isInteger);
  if (numbers.length < given.length) throw new CallError(`${name} needs whole numbers.`);
  if (numbers.length === 1) return Array.from({ length: rank }, () => numbers[0]);
  if (numbers.length !== rank)
    throw new CallError(`${name} has ${numbers.length} numbers, where one or ${rank} are needed.`);
  return numbers;
}

/**
 * Return padding and output_padding of a Keras layer that keeps the same cells. If there is none, `pairs` says what a
 * Cropping layer cuts after it.
 * @param {Cut[]} cuts
 * @returns {Choice}
 */
function chooseKerasLayer(cuts) {
  const lost = cuts.map(({ front, end }) => front + end);
  const spans = cuts.map(({ k, d }) => effectiveKernel(k, d));
  /** @type {[padding: string, output_padding: number[] | null][]} */
  const choices = [];
  if (cuts.every(({ front }, at) => front === Math.floor(Math.max(lost[at], 0) / 2))) {
    if (cuts.every(({ s }, at) => lost[at] === spans[at] - s)) choices.push(["same", null]);
    choices.push(["same", spans.map((ke, at) => 2 * Math.floor(ke / 2) - lost[at])]);
  }
  if (cuts.every(({ front }) => front === 0)) {
    if (cuts.every(({ s }, at) => lost[at] === -addedByNone(spans[at], s))) choices.push(["valid", null]);
    choices.push(["valid", lost.map((cells) => (cells ? -cells : 0))]);
  }
  const found = choices.find(([padding, output_padding]) => isAccepted(makeLayer(cuts, padding, output_padding)));
  if (found) return { padding: found[0], output_padding: found[1], pairs: null };
  const needed = cuts.map(({ end }) => Math.max(-end, 0));
  const added = cuts.map(({ s }, at) => addedByNone(spans[at], s));
  const output_padding = needed.every((cells, at) => cells <= added[at]) ? null : needed;
  const pairs = cuts.map(({ front, end }, at) => [front, end + (output_padding ? needed : added)[at]]);
  return { padding: "valid", output_padding, pairs: pairs.flat().some((cells) => cells !== 0) ? pairs : null };
}

/**
 * Return how many cells output_padding None adds behind the full extent, for valid.
 * @param {number} ke
 * @param {number} s
 */
function addedByNone(ke, s) {
  return Math.max(s - ke, 0);
}

/**
 * Return a layer with an input of one cell: no rule depends on its length.
 * @param {Cut[]} cuts
 * @param {string} padding
 * @param {number[] | null} output_padding
 * @returns {Layer}
 */
function makeLayer(cuts, padding, output_padding) {
  return {
    ...{ batch: 1, channels: 1, filters: 1, padding, output_padding },
    ...{ data_format: "channels_last", use_bias: true, activation: "linear", dtype: "float32" },
    size: cuts.map(() => 1),
    kernel_size: cuts.map(({ k }) => k),
    strides: cuts.map(({ s }) => s),
    dilation_rate: cuts.map(({ d }) => d),
  };
}

/**
 * @param {Map<string, PythonValue>} values
 * @param {Cut[]} cuts
 * @param {Choice} choice
 */
function notesOf(values, cuts, { pairs }) {
  const notes = [
    "Below is the Keras layer that computes the same; its kernel is the weight with its axes in another order.",
  ];
  if (pairs) {
    const crop = callAfter("Cropping", { data_format: "channels_first" }, pairs);
    notes[0] = `No padding of Keras cuts like this: below is a layer without a crop, and ${crop} must follow it.`;
  }
  for (const { s, d, front, end } of cuts)
    if (front - end >= Math.max(s, d))
      notes.push(`PyTorch refuses output_padding=${front - end}: it must be smaller than stride or dilation.`);
  if (Number(values.get("groups") ?? 1) !== 1) notes.push("Keras has no groups: a layer with one group is shown.");
  return [...new Set(notes)];
}

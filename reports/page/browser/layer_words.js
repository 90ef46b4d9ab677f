// @ts-check
/** The arithmetic of one axis in words, with the numbers and the rules of docs/semantics.md. */
import { isAdmissible, outputLength } from "#layer_shape.js";

/** @import { Axis } from "#layer_shape.js" */
/** @typedef {[rule: string, sentence: string]} Sentence */

/**
 * Return the sentences on the output length, the crop and the admissible lengths of an axis.
 * @param {Axis} axis
 * @returns {Sentence[]}
 */
export function ruleSentences(axis) {
  return [
    lengthSentence(axis),
    ["V2", cropSentence(axis)],
    axis.admissible ? [axis.padding === "same" ? "A3" : "A2", admissibleSentence(axis)] : ["V4", EMPTY],
  ];
}

const EMPTY = "nothing, there is no input cell: every entry is the activated bias";

/**
 * @param {Axis} axis
 * @returns {Sentence}
 */
function lengthSentence({ n, s, ke, o, m, padding }) {
  if (padding === "same") {
    if (o === null) return ["S3", `n s = ${n} * ${s} = ${m}, for output_padding None`];
    const half = Math.floor(ke / 2);
    return ["S4", `(n - 1) s + ke - 2 (ke // 2) + o = (${n} - 1) * ${s} + ${ke} - 2 * ${half} + ${o} = ${m}`];
  }
  if (o === null)
    return ["S1", `n s + max(ke - s, 0) = ${n} * ${s} + max(${ke} - ${s}, 0) = ${m}, for output_padding None`];
  return ["S2", `(n - 1) s + ke + o = (${n} - 1) * ${s} + ${ke} + ${o} = ${m}`];
}

/** @param {Axis} axis */
function cropSentence({ front, end, padding }) {
  const added = -end === 1 ? "1 cell without any tap follows" : `${-end} cells without any tap follow`;
  if (padding === "same") {
    const last = end >= 0 ? `${end} at the end` : `none at the end, where ${added}`;
    return `${front} in front, ${last}; an odd rest is cut at the end`;
  }
  return end < 0 ? `none; ${added}` : "none: with valid every input cell counts in full";
}

/** @param {Axis} axis */
function admissibleSentence(axis) {
  const [least, greatest] = axis.admissible ?? [0, 0];
  const range = least === greatest ? `${least}` : `${least} .. ${greatest}`;
  const other = isAdmissible(axis, axis.m) ? "" : `; ${axis.m} is not`;
  return `${range}: what a forward convolution maps to ${axis.n}${other}`;
}

/**
 * Return the full extent as a formula with the numbers.
 * @param {Axis} axis
 */
export function fullSentence({ n, k, s, d, ke, full }) {
  const effective = d > 1 ? `ke = (k - 1) d + 1 = (${k} - 1) * ${d} + 1 = ${ke}` : `ke = k = ${ke}`;
  return n > 0
    ? `${effective}; all taps reach (n - 1) s + ke = (${n} - 1) * ${s} + ${ke} = ${full} cells`
    : `${effective}; there is no input cell`;
}

/**
 * Return that None is not 0 on this axis, or an empty text if both give the same length.
 * @param {Axis} axis
 */
export function noneIsNotZero({ n, ke, s, padding }) {
  const [none, zero] = [outputLength(n, ke, s, padding, null), outputLength(n, ke, s, padding, 0)];
  return none === zero ? "" : "None is not 0 here.";
}

/**
 * Return numbers as Keras arguments are written: one number if all are equal.
 * @param {readonly number[] | null} numbers
 */
export function written(numbers) {
  if (numbers === null) return "None";
  return new Set(numbers).size === 1 ? `${numbers[0]}` : `(${numbers.join(", ")})`;
}

/**
 * Return a shape as Python writes it.
 * @param {readonly (number | string | null)[]} shape
 */
export function writtenShape(shape) {
  return `(${shape.map((length) => length ?? "None").join(", ")}${shape.length === 1 ? "," : ""})`;
}

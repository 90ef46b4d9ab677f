// @ts-check
/** The rules for refusals (section R of docs/semantics.md): which of them a layer breaks, and where. */
import { axesOf, hasConvolution, isAdmissible } from "#layer_shape.js";

/** @import { Layer } from "#layer_shape.js" */
/** @typedef {{ id: string, sentence: string, source: string, where: string }} Broken */

/** @typedef {"filters" | "kernel_size" | "strides" | "dilation_rate" | "output_padding"} Field */

/**
 * Return whether a number in a field is below `least`.
 * @param {Layer} layer
 * @param {Field} field
 * @param {number} least
 */
function hasValueBelow(layer, field, least) {
  const value = layer[field];
  return value !== null && [value].flat().some((number) => number < least);
}

/**
 * Every rule with its id, its sentence, its source and its test.
 * @type {[id: string, sentence: string, source: string, test: (layer: Layer) => boolean][]}
 */
const RULES = [
  ["R1", "filters must be at least 1", "contract", (layer) => hasValueBelow(layer, "filters", 1)],
  ["R2", "every kernel length must be at least 1", "contract", (layer) => hasValueBelow(layer, "kernel_size", 1)],
  ["R3", "every stride must be at least 1", "contract", (layer) => hasValueBelow(layer, "strides", 1)],
  ["R4", "every dilation must be at least 1", "contract", (layer) => hasValueBelow(layer, "dilation_rate", 1)],
  ["R5", "output_padding must not be negative", "contract", (layer) => hasValueBelow(layer, "output_padding", 0)],
  [
    "R6",
    "output_padding must be less than the stride of its axis",
    "contract",
    ({ output_padding, strides }) => (output_padding ?? []).some((o, at) => o >= strides[at]),
  ],
  [
    "R7",
    "strides above 1 and dilation above 1 must not be combined",
    "contract",
    ({ strides, dilation_rate }) => Math.max(...strides) > 1 && Math.max(...dilation_rate) > 1,
  ],
  [
    "R8",
    "no forward convolution maps the length that output_padding asks for to the input's length",
    "mathematics",
    (layer) =>
      layer.output_padding !== null &&
      hasConvolution(layer) &&
      axesOf(layer).some((axis) => !isAdmissible(axis, axis.m)),
  ],
  [
    "R9",
    "the dilation must be the same along every axis",
    "contract of Keras 2",
    ({ dilation_rate }) => new Set(dilation_rate).size > 1,
  ],
];

/**
 * Return the rules that a layer breaks, in order. R9 is a contract of Keras 2 only.
 * @param {Layer} layer
 * @param {boolean} [ofKeras2]
 * @returns {Broken[]}
 */
export function brokenRules(layer, ofKeras2 = false) {
  return RULES.filter(([id, , , test]) => (ofKeras2 || id !== "R9") && test(layer)).map(([id, sentence, source]) => ({
    ...{ id, sentence, source },
    where: whereBroken(layer, id),
  }));
}

/**
 * Return whether Keras 3 must compute the layer.
 * @param {Layer} layer
 */
export function isAccepted(layer) {
  return RULES.every(([id, , , test]) => id === "R9" || !test(layer));
}

/**
 * Return whether the layer has lengths to show: a convolution with no negative output length.
 * @param {Layer} layer
 */
export function hasLengths(layer) {
  return hasConvolution(layer) && axesOf(layer).every((axis) => axis.m >= 0);
}

/**
 * Return the axes that break a rule, in words with their numbers. It is empty where the sentence says all.
 * @param {Layer} layer
 * @param {string} id
 */
function whereBroken(layer, id) {
  if (id === "R6") {
    const given = layer.output_padding ?? [];
    const axes = axesOf(layer).filter((axis, at) => given[at] >= axis.s);
    return axes.map((axis) => `${axis.name}: output_padding ${axis.o}, stride ${axis.s}`).join("; ");
  }
  if (id !== "R8") return "";
  return axesOf(layer)
    .filter((axis) => !isAdmissible(axis, axis.m))
    .map(({ name, m, n, admissible }) =>
      admissible ? `${name}: ${m}, where ${admissible.join(" to ")} can become ${n}` : `${name}: ${m}`,
    )
    .join("; ");
}

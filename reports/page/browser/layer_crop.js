// @ts-check
/** The Cropping layer that follows a layer, for a call of PyTorch that no padding of Keras computes. */
import { callAfter } from "#layer_changes.js";
import { isCode, readArguments } from "#layer_python.js";
import { outputSize } from "#layer_shape.js";

/** @import { PythonValue } from "#layer_python.js" */
/** @import { Layer } from "#layer_shape.js" */
/** For each axis, the cells that are cut in front and at the end. @typedef {number[][]} Crop */

const CROPPING = /\bCropping([123])D\s*\(/;
/** The fields that a crop depends on; with another value of these, PyTorch's call is another. */
const ARGUMENTS = ["rank", "kernel_size", "strides", "padding", "output_padding", "dilation_rate"];

/**
 * Return the crop of a Cropping layer that stands in a text behind a layer of the same rank; null if there is none.
 * @param {string} source
 * @param {number} rank
 * @returns {Crop | null}
 */
export function readCrop(source, rank) {
  const found = CROPPING.exec(source);
  if (!found || Number(found[1]) !== rank) return null;
  const [first] = readArguments(source, found.index + found[0].length);
  return first ? pairsOf(first.value, rank) : null;
}

/**
 * Return the pairs of a value such as 2, (1, 2) or ((1, 0), (1, 0)); null if it is none of these.
 * @param {PythonValue} value
 * @param {number} rank
 * @returns {Crop | null}
 */
function pairsOf(value, rank) {
  if (isCode(value)) return null;
  const given = Array.isArray(value) ? value : Array.from({ length: rank }, () => value);
  const axes = rank === 1 && given.length === 2 ? [given] : given;
  const pairs = axes.map((one) => (Array.isArray(one) ? one : [one, one]));
  const whole = pairs.flat().every((cells) => Number.isInteger(cells) && Number(cells) >= 0);
  if (!whole || pairs.length !== rank || pairs.some((pair) => pair.length !== 2)) return null;
  return /** @type {Crop} */ (pairs);
}

/**
 * Return the first argument of a crop's layer that changed, or null if the crop still applies.
 * @param {Record<string, string>} before
 * @param {Record<string, string>} after
 */
export function changedArgument(before, after) {
  return ARGUMENTS.find((name) => before[name] !== after[name]) ?? null;
}

/**
 * Return the lengths after the crop, or null if it leaves nothing of an axis.
 * @param {Layer} layer
 * @param {Crop} crop
 */
export function croppedSize(layer, crop) {
  const size = outputSize(layer).map((m, at) => m - crop[at][0] - crop[at][1]);
  return Math.min(...size) > 0 ? size : null;
}

/**
 * Return the lines of Keras code that crop the output of a layer, each after a line break.
 * @param {Layer} layer
 * @param {Crop} crop
 */
export function writeCrop(layer, crop) {
  const calls = callAfter("Cropping", layer, crop).split(/, (?=Cropping)| and (?=Permute)/);
  return calls.map((call) => `\nkeras.layers.${call}`).join("");
}

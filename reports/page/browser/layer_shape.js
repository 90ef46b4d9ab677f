// @ts-check
/** The lengths of a transposed convolution (rules A1 to A3, S1 to S4, S7 and V2 of docs/semantics.md). */

/**
 * One layer and its input. A list has one number for each spatial axis. A number that is not known is null; an
 * `output_padding` of null is None.
 * @typedef {{
 *   batch: number | null, size: number[], channels: number | null, filters: number | null,
 *   kernel_size: number[], strides: number[], dilation_rate: number[], padding: string,
 *   output_padding: number[] | null, data_format: string, use_bias: boolean, activation: string, dtype: string,
 * }} Layer
 */

/**
 * One spatial axis: n input length, k kernel, s stride, d dilation, o output_padding, m output length. `front` and
 * `end` are the cells of the full extent that are cut; `end` is negative where cells without a tap follow.
 * @typedef {{
 *   name: string, n: number, k: number, s: number, d: number, o: number | null, padding: string,
 *   ke: number, full: number, m: number, front: number, end: number,
 *   admissible: [least: number, greatest: number] | null, gained: [front: number, end: number],
 * }} Axis
 */

/** @type {Record<number, string[]>} */
const NAMES = { 1: ["steps"], 2: ["height", "width"], 3: ["depth", "height", "width"] };

/**
 * Return the number of cells that the dilated kernel spans.
 * @param {number} k
 * @param {number} d
 */
export function effectiveKernel(k, d) {
  return (k - 1) * d + 1;
}

/**
 * Return the number of cells that n inputs, s apart, reach with a kernel of ke cells.
 * @param {number} n
 * @param {number} ke
 * @param {number} s
 */
export function fullLength(n, ke, s) {
  return n > 0 ? (n - 1) * s + ke : 0;
}

/**
 * Return the least and the greatest length that the forward convolution maps to n cells, n at least 1 (A2, A3).
 * @param {number} n
 * @param {number} ke
 * @param {number} s
 * @param {string} padding
 * @returns {[least: number, greatest: number]}
 */
export function admissibleLengths(n, ke, s, padding) {
  return padding === "same" ? [(n - 1) * s + 1, n * s] : [(n - 1) * s + ke, (n - 1) * s + ke + s - 1];
}

/**
 * Return the length that Keras chooses (S1 to S4). None is not 0.
 * @param {number} n
 * @param {number} ke
 * @param {number} s
 * @param {string} padding
 * @param {number | null} o
 */
export function outputLength(n, ke, s, padding, o) {
  if (o === null) return n * s + (padding === "same" ? 0 : Math.max(ke - s, 0));
  return (n - 1) * s + ke - (padding === "same" ? 2 * Math.floor(ke / 2) : 0) + o;
}

/**
 * Return how many cells are cut before the first output cell (V2). An odd rest is cut at the end.
 * @param {number} n
 * @param {number} ke
 * @param {number} s
 * @param {number} m
 * @param {string} padding
 */
export function cellsCutInFront(n, ke, s, m, padding) {
  return padding === "same" ? Math.floor(Math.max((n - 1) * s + ke - m, 0) / 2) : 0;
}

/**
 * Return the axes of a layer whose kernel, strides and dilation are at least 1.
 * @param {Layer} layer
 * @returns {Axis[]}
 */
export function axesOf(layer) {
  const names = NAMES[layer.size.length] ?? [];
  return layer.size.map((n, at) => {
    const [k, s, d] = [layer.kernel_size[at], layer.strides[at], layer.dilation_rate[at]];
    return makeAxis(names[at], n, k, s, d, layer.output_padding ? layer.output_padding[at] : null, layer.padding);
  });
}

/**
 * @param {string} name
 * @param {number} n
 * @param {number} k
 * @param {number} s
 * @param {number} d
 * @param {number | null} o
 * @param {string} padding
 * @returns {Axis}
 */
function makeAxis(name, n, k, s, d, o, padding) {
  const ke = effectiveKernel(k, d);
  const [full, m] = [fullLength(n, ke, s), outputLength(n, ke, s, padding, o)];
  const front = cellsCutInFront(n, ke, s, m, padding);
  const gained = o !== null && o > 0 ? cellsCutInFront(n, ke, s, m - o, padding) - front : 0;
  return {
    ...{ name, n, k, s, d, o, padding, ke, full, m, front },
    end: full - front - m,
    admissible: n > 0 ? admissibleLengths(n, ke, s, padding) : null,
    gained: o !== null && o > 0 ? [gained, o - gained] : [0, 0],
  };
}

/**
 * Return whether kernel, strides and dilation are at least 1 (R2 to R4).
 * @param {Layer} layer
 */
export function hasConvolution({ kernel_size, strides, dilation_rate }) {
  return Math.min(...kernel_size, ...strides, ...dilation_rate) >= 1;
}

/**
 * Return the output's spatial lengths.
 * @param {Layer} layer
 */
export function outputSize(layer) {
  return axesOf(layer).map((axis) => axis.m);
}

/**
 * Return the shape of the input or of the output, with the channels where data_format puts them (S7).
 * @template Count
 * @param {Layer} layer
 * @param {number[]} size
 * @param {Count} channels
 */
export function shapeInLayout(layer, size, channels) {
  return layer.data_format === "channels_first" ? [layer.batch, channels, ...size] : [layer.batch, ...size, channels];
}

/**
 * Return the values of output_padding from 0 to below `most` with the length that each gives, and None before them.
 * @param {Axis} axis
 * @param {number} most
 */
export function outputPaddingChoices(axis, most) {
  const values = [null, ...Array.from({ length: Math.min(axis.s, most) }, (_, o) => o)];
  return values.map((o) => {
    const m = outputLength(axis.n, axis.ke, axis.s, axis.padding, o);
    return { o, m, accepted: o === null || isAdmissible(axis, m) };
  });
}

/**
 * Return whether a length is admissible. On an empty input every length that is not negative is (V4).
 * @param {Axis} axis
 * @param {number} m
 */
export function isAdmissible({ admissible }, m) {
  return admissible ? admissible[0] <= m && m <= admissible[1] : m >= 0;
}

// @ts-check
/** Find the changes of a layer after which its output has given lengths, the nearest first. */
import { isAccepted } from "#layer_rules.js";
import { axesOf, effectiveKernel, hasConvolution, outputLength, outputSize } from "#layer_shape.js";
import { written } from "#layer_words.js";

/** @import { Layer } from "#layer_shape.js" */
/**
 * One change. `layer` is the changed layer; `cut` says for each axis how many cells a further layer cuts in front and at
 * the end, negative where it adds them.
 * @typedef {{ kind: string, code: string, note: string, layer: Layer, cut?: [number, number][] }} Change
 */
/** How the output_padding follows a change: it stays, becomes None, or becomes what fits. @typedef {"own" | "none" | "fit"} Mode */

const SEARCHED = 64; // how far from the given value strides and kernels are tried
const MOST = 4; // changes of one kind, and values of one axis

/**
 * Return the changes that give an output of `target` cells: first of output_padding, then of padding, strides and
 * kernel_size, each alone and then with output_padding; then another input; then a layer that cuts or adds cells.
 * Keras 3 must accept every changed layer. The list is empty if the layer has these lengths already.
 * @param {Layer} layer
 * @param {number[]} target
 * @returns {Change[]}
 */
export function findChanges(layer, target) {
  if (hasConvolution(layer) && gives(layer, target)) return [];
  const kinds = [
    changeOutputPadding(layer, target),
    changePadding(layer, target),
    changeNumbers(layer, target, "strides"),
    changeNumbers(layer, target, "kernel_size"),
  ];
  return [...kinds.flatMap((found) => found.slice(0, MOST)), ...changeInput(layer, target), ...cutOrAdd(layer, target)];
}

/**
 * @param {Layer} layer
 * @param {number[]} target
 */
function gives(layer, target) {
  return outputSize(layer).every((m, at) => m === target[at]) && isAccepted(layer);
}

/**
 * Return the modes that differ: None stays None.
 * @param {Layer} layer
 * @returns {Mode[]}
 */
function modesOf({ output_padding }) {
  return output_padding === null ? ["own", "fit"] : ["own", "none", "fit"];
}

/**
 * Return the layer with its output_padding after a mode.
 * @param {Layer} layer
 * @param {number[]} target
 * @param {Mode} mode
 */
function withMode(layer, target, mode) {
  if (mode === "own") return layer;
  if (mode === "none") return { ...layer, output_padding: null };
  const base = outputSize({ ...layer, output_padding: target.map(() => 0) });
  return { ...layer, output_padding: target.map((m, at) => m - base[at]) };
}

/**
 * Return a change of one argument, with the output_padding if that changes too.
 * @param {Layer} before
 * @param {Layer} layer
 * @param {"padding" | "strides" | "kernel_size"} name
 * @returns {Change}
 */
function describe(before, layer, name) {
  const value = layer[name];
  const code = `${name}=${typeof value === "string" ? `"${value}"` : written(value)}`;
  if (`${before.output_padding}` === `${layer.output_padding}`) return { kind: name, code, note: "", layer };
  const further = `output_padding=${written(layer.output_padding)}`;
  return { kind: `${name} and output_padding`, code: `${code}, ${further}`, note: "", layer };
}

/**
 * @param {Layer} layer
 * @param {number[]} target
 * @returns {Change[]}
 */
function changeOutputPadding(layer, target) {
  if (!hasConvolution(layer)) return [];
  return /** @type {Mode[]} */ (["none", "fit"])
    .map((mode) => withMode(layer, target, mode))
    .filter((changed) => gives(changed, target))
    .map((changed) => ({
      ...{
        kind: "output_padding",
        code: `output_padding=${written(changed.output_padding)}`,
        note: "",
        layer: changed,
      },
    }));
}

/**
 * @param {Layer} layer
 * @param {number[]} target
 */
function changePadding(layer, target) {
  if (!hasConvolution(layer)) return [];
  const other = { ...layer, padding: layer.padding === "same" ? "valid" : "same" };
  return distinct(modesOf(layer).map((mode) => withMode(other, target, mode)))
    .filter((changed) => gives(changed, target))
    .map((changed) => describe(layer, changed, "padding"));
}

/**
 * Return changes of the strides or the kernel, the nearest first: on each axis values that reach the target.
 * @param {Layer} layer
 * @param {number[]} target
 * @param {"strides" | "kernel_size"} name
 */
function changeNumbers(layer, target, name) {
  const greatest = name === "strides" && Math.max(...layer.dilation_rate) > 1 ? 1 : Number.POSITIVE_INFINITY; // R7
  const modes = /** @type {Mode[]} */ (layer.output_padding === null ? ["own", "fit"] : ["own", "fit", "none"]);
  const found = modes.flatMap((mode) => {
    const values = target.map((m, at) => nearestValues(axisAlone(layer, at), m, name, mode, greatest));
    if (values.some((fits) => !fits.length)) return [];
    return Array.from({ length: Math.max(...values.map((fits) => fits.length)) }, (_, place) => {
      const chosen = values.map((fits) => fits[Math.min(place, fits.length - 1)]);
      return withMode({ ...layer, [name]: chosen }, target, mode);
    });
  });
  return distinct(found)
    .filter((changed) => `${changed[name]}` !== `${layer[name]}` && gives(changed, target))
    .map((changed) => describe(layer, changed, name));
}

/**
 * Return the values of one axis that reach a length, the nearest to the given one first; of two the smaller first.
 * @param {Layer} axis
 * @param {number} m
 * @param {"strides" | "kernel_size"} name
 * @param {Mode} mode
 * @param {number} greatest
 */
function nearestValues(axis, m, name, mode, greatest) {
  const old = axis[name][0];
  const [n, s] = [axis.size[0], axis.strides[0]];
  const middle = name === "strides" ? Math.floor(m / Math.max(n, 1)) : m - (n - 1) * s;
  const near = Array.from({ length: 2 * SEARCHED }, (_, at) => old - SEARCHED + at);
  const tried = [...new Set([...near, ...[-2, -1, 0, 1, 2, 3].map((step) => middle + step)])];
  tried.sort((one, other) => Math.abs(one - old) - Math.abs(other - old) || one - other);
  const found = [];
  for (const value of tried) {
    if (value >= 1 && value <= greatest && reaches(axis, m, name, value, mode)) found.push(value);
    if (found.length === MOST) break;
  }
  return found;
}

/**
 * @param {Layer} axis
 * @param {number} m
 * @param {"strides" | "kernel_size"} name
 * @param {number} value
 * @param {Mode} mode
 */
function reaches(axis, m, name, value, mode) {
  const changed = { ...axis, [name]: [value] };
  const [[n], [k], [s], [d]] = [changed.size, changed.kernel_size, changed.strides, changed.dilation_rate];
  if (Math.min(k, s, d) < 1) return false;
  const given = mode === "own" ? (axis.output_padding?.[0] ?? null) : mode === "none" ? null : 0;
  const missing = m - outputLength(n, effectiveKernel(k, d), s, axis.padding, given);
  if (mode === "fit" ? missing < 0 || missing >= s : missing !== 0) return false; // most values end here
  return gives(withMode(changed, [m], mode), [m]);
}

/**
 * Return the layer of one axis alone.
 * @param {Layer} layer
 * @param {number} at
 */
function axisAlone(layer, at) {
  const pick = (/** @type {number[]} */ values) => [values[at]];
  return {
    ...layer,
    size: pick(layer.size),
    kernel_size: pick(layer.kernel_size),
    strides: pick(layer.strides),
    dilation_rate: pick(layer.dilation_rate),
    output_padding: layer.output_padding && pick(layer.output_padding),
  };
}

/**
 * Return the input size that the same layer maps to the target, if there is one.
 * @param {Layer} layer
 * @param {number[]} target
 * @returns {Change[]}
 */
function changeInput(layer, target) {
  if (!hasConvolution(layer)) return [];
  const base = withoutRefused(layer);
  const size = axesOf(base).map(({ n, m, s }, at) => n + (target[at] - m) / s);
  const changed = { ...base, size };
  const same = `${size}` === `${layer.size}`;
  if (same || !size.every((n) => Number.isInteger(n) && n >= 1) || !gives(changed, target)) return [];
  const [before, note] = base === layer ? ["", "The layer stays as it is."] : ["output_padding=None, ", ""];
  return [{ kind: "input", code: `${before}feed ${size.join("x")}`, note, layer: changed }];
}

/**
 * Return the layer without an output_padding for which Keras refuses it.
 * @param {Layer} layer
 */
function withoutRefused(layer) {
  return isAccepted(layer) || layer.output_padding === null ? layer : { ...layer, output_padding: null };
}

/**
 * Return a layer behind this one that cuts cells or adds zeros. An output_padding that is refused is left out.
 * @param {Layer} layer
 * @param {number[]} target
 * @returns {Change[]}
 */
function cutOrAdd(layer, target) {
  const base = withoutRefused(layer);
  if (!isAccepted(base) || outputSize(base).some((m) => m < 1)) return [];
  const cut = outputSize(base).map((m, at) => halves(m - target[at]));
  const parts = [
    { kind: "crop", name: "Cropping", pairs: cut.map((pair) => pair.map((cells) => Math.max(cells, 0))) },
    { kind: "pad", name: "ZeroPadding", pairs: cut.map((pair) => pair.map((cells) => Math.max(-cells, 0))) },
  ].filter(({ pairs }) => pairs.flat().some((cells) => cells > 0));
  if (!parts.length) return [];
  const calls = parts.map(({ name, pairs }) => callAfter(name, layer, pairs));
  return [
    {
      kind: parts.map(({ kind }) => kind).join(" and "),
      code: `${base === layer ? "" : "output_padding=None, "}then ${calls.join(" and ")}`,
      note: parts
        .map(({ kind }) => (kind === "crop" ? "Computed cells are cut off." : "The added cells are 0."))
        .join(" "),
      layer: base,
      cut,
    },
  ];
}

/**
 * Return the call of a Keras layer that crops or pads. Cropping1D knows no channels_first, so axes change places.
 * @param {string} name
 * @param {Pick<Layer, "data_format">} layer
 * @param {number[][]} pairs
 */
export function callAfter(name, { data_format }, pairs) {
  const call = `${name}${pairs.length}D(${writtenPairs(pairs)}`;
  if (data_format === "channels_last") return `${call})`;
  if (pairs.length === 1) return `Permute((2, 1)), ${call}) and Permute((2, 1))`;
  return `${call}, data_format="channels_first")`;
}

/**
 * Return a number of cells in two halves, of which the second is the greater.
 * @param {number} cells
 * @returns {[number, number]}
 */
function halves(cells) {
  const first = Math.trunc(cells / 2);
  return [first, cells - first];
}

/** @param {number[][]} pairs */
function writtenPairs(pairs) {
  const texts = pairs.map((pair) => `(${pair.join(", ")})`);
  return texts.length === 1 ? texts[0] : `(${texts.join(", ")})`;
}

/** @param {Layer[]} layers */
function distinct(layers) {
  return [...new Map(layers.map((layer) => [JSON.stringify(layer), layer])).values()];
}

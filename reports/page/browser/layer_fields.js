// @ts-check
/** Turn the texts of the form's fields into a layer. */

/** @import { Layer } from "#layer_shape.js" */
/** A field whose text cannot be read; the message is one sentence. */
export class FieldError extends Error {
  /**
   * @param {string} field
   * @param {string} message
   */
  constructor(field, message) {
    super(message);
    this.field = field;
  }
}

const GREATEST = 1_000_000;
/** The texts of the fields of a form without input. */
export const DEFAULTS = {
  ...{ rank: "2", input: "28x28x64", filters: "32", kernel_size: "3", strides: "2", padding: "same" },
  ...{ output_padding: "None", dilation_rate: "1", data_format: "channels_last", use_bias: "yes" },
  ...{ activation: "linear", dtype: "float32", target: "" },
};

/**
 * Return the whole numbers of a text such as 28x28, (28, 28), 28 28 or NonexNone; null stands for None.
 * @param {string} field
 * @param {string} text
 * @param {string} remedy what to write, for a text that is not read
 * @returns {(number | null)[]}
 */
export function readNumbers(field, text, remedy = "") {
  const parts = text
    .trim()
    .replace(/^[([]\s*(.*?)\s*,?\s*[)\]]$/s, "$1")
    .split(/\s*[x×*,;]\s*|\s+/i)
    .map((part) => part.toLowerCase());
  return parts.map((part) => {
    if (part === "none" || part === "?") return null;
    if (!/^-?\d+$/.test(part))
      throw new FieldError(field, `${label(field)}: “${part}” is not a whole number${remedy}.`);
    if (Math.abs(Number(part)) > GREATEST)
      throw new FieldError(field, `${label(field)}: numbers up to a million can be read, and ${part} is not.`);
    return Number(part);
  });
}

/**
 * Return the layer of the form. Throws a FieldError about the first field that cannot be read.
 * @param {Record<string, string>} texts
 * @returns {Layer}
 */
export function readLayer(texts) {
  const rank = Number(texts.rank);
  const [batch, size, channels] = readInput(texts.input, rank, texts.data_format === "channels_first");
  const lengths = (/** @type {string} */ field) => readLengths(field, texts[field], rank);
  const [filters] = texts.filters.trim() ? readNumbers("filters", texts.filters) : [null];
  return {
    ...{ batch, size, channels, filters },
    ...{ kernel_size: lengths("kernel_size"), strides: lengths("strides"), dilation_rate: lengths("dilation_rate") },
    padding: texts.padding,
    output_padding: /^(none)?$/i.test(texts.output_padding.trim()) ? null : lengths("output_padding"),
    ...{ data_format: texts.data_format, use_bias: texts.use_bias === "yes" },
    ...{ activation: texts.activation, dtype: texts.dtype },
  };
}

/**
 * Return the lengths that the output should have, or null if the field is empty.
 * @param {Record<string, string>} texts
 * @returns {number[] | null}
 */
export function readTarget(texts) {
  if (!texts.target.trim()) return null;
  const target = readLengths("target", texts.target, Number(texts.rank));
  if (Math.min(...target) < 1) throw new FieldError("target", "Wanted output: every length must be at least 1.");
  return target;
}

/**
 * Return one number for each axis; a single number stands for all.
 * @param {string} field
 * @param {string} text
 * @param {number} rank
 * @returns {number[]}
 */
function readLengths(field, text, rank) {
  const numbers = readNumbers(field, text);
  const known = numbers.filter((number) => number !== null);
  if (known.length < numbers.length) throw new FieldError(field, `${label(field)}: None cannot stand for a number.`);
  if (known.length === 1) return Array.from({ length: rank }, () => known[0]);
  if (known.length !== rank)
    throw new FieldError(field, `${label(field)}: ${known.length} numbers, where the layer has ${rank} spatial axes.`);
  return known;
}

/**
 * Return batch, lengths and channels of an input, which is written with or without batch and channels.
 * @param {string} text
 * @param {number} rank
 * @param {boolean} channelsFirst
 * @returns {[batch: number | null, size: number[], channels: number | null]}
 */
function readInput(text, rank, channelsFirst) {
  const lengths = Array.from({ length: rank }, () => "28");
  const example = (channelsFirst ? ["3", ...lengths] : [...lengths, "3"]).join("x");
  const numbers = readNumbers("input", text, `; write ${example}`);
  const further = numbers.length - rank;
  if (further < 0 || further > 2)
    throw new FieldError("input", `Input: ${numbers.length} numbers, where ${rank} to ${rank + 2} are needed.`);
  const [batch, rest] = further === 2 ? [numbers[0], numbers.slice(1)] : [null, numbers];
  const at = channelsFirst ? 0 : rank;
  const channels = further ? rest[at] : null;
  const size = further ? rest.filter((_, place) => place !== at) : rest;
  const known = size.filter((length) => length !== null);
  if (known.length < size.length)
    throw new FieldError("input", "Input: an unknown length stays unknown (S6); write a number for it.");
  if (Math.min(...known, channels ?? 0, batch ?? 0) < 0)
    throw new FieldError("input", "Input: a length must not be negative.");
  return [batch, known, channels];
}

/**
 * Return the text of an input for a layer of another rank or data_format. Channels and batch stay, and the first length
 * stands for all if the rank changes.
 * @param {{ rank: string, input: string, data_format: string }} before
 * @param {number} rank
 * @param {string} data_format
 */
export function refitInput(before, rank, data_format) {
  if (before.rank === `${rank}` && before.data_format === data_format) return before.input;
  const [was, numbers] = [Number(before.rank), before.input.match(/-?\d+|none/gi) ?? []];
  const further = numbers.length - was;
  if (further < 0 || further > 2) return before.input;
  const [batch, rest] = further === 2 ? [numbers.slice(0, 1), numbers.slice(1)] : [[], numbers];
  const at = before.data_format === "channels_first" ? 0 : was;
  const channels = further ? rest.slice(at, at + 1) : [];
  const size = further ? rest.filter((_, place) => place !== at) : rest;
  const lengths = rank === was ? size : Array.from({ length: rank }, () => size[0]);
  const parts = data_format === "channels_first" ? [channels, lengths] : [lengths, channels];
  return [...batch, ...parts.flat()].join("x");
}

/**
 * Return the text of an input with another number of channels, if it has one.
 * @param {string} text
 * @param {number} rank
 * @param {string} data_format
 * @param {number} [channels]
 */
export function withChannels(text, rank, data_format, channels) {
  const numbers = text.match(/-?\d+|none/gi) ?? [];
  const further = numbers.length - rank;
  if (channels === undefined || further < 1 || further > 2) return text;
  const at = data_format === "channels_first" ? further - 1 : numbers.length - 1;
  return numbers.map((number, place) => (place === at ? `${channels}` : number)).join("x");
}

/**
 * Return whether the text of an input has these channels before its lengths, as PyTorch has them.
 * @param {string} text
 * @param {number} rank
 * @param {number} [channels]
 */
export function hasChannelsFirst(text, rank, channels) {
  const numbers = text.match(/-?\d+|none/gi) ?? [];
  const further = numbers.length - rank;
  return (further === 1 || further === 2) && Number(numbers[further - 1]) === channels;
}

/** @param {string} field */
function label(field) {
  return { input: "Input", target: "Wanted output" }[field] ?? field;
}

// @ts-check
/** Read a pasted Keras call, such as Conv2DTranspose(64, (5, 5), strides=2, padding="SAME"). */
import { DEFAULTS, hasChannelsFirst, refitInput, withChannels } from "#layer_fields.js";
import { CallError, isCode, readArguments } from "#layer_python.js";

/** @import { PythonValue } from "#layer_python.js" */
/**
 * What a call says: the rank, the text of every field that it sets, the channels of its input if it names them, notes,
 * and what Keras refuses. `crop` is set by a call of PyTorch alone: what must be cut after the layer, or null.
 * @typedef {{
 *   rank: number, fields: Record<string, string>, channels?: number, notes: string[], refused: string[],
 *   crop?: number[][] | null,
 * }} Call
 */

const CALL = /(?:\b[\w.]+\.)?(?:Conv|Convolution)([123])DTranspose\s*\(/;
const NO_CALL =
  "There is no call of Conv1DTranspose, Conv2DTranspose, Conv3DTranspose or PyTorch's nn.ConvTranspose in this text.";
const FORMER = ["filters", "kernel_size", "strides", "padding"];
const LATTER = ["dilation_rate", "activation", "use_bias"];
/** The positional arguments by rank. In Keras, those of Conv3DTranspose have another order. @type {Record<number, string[]>} */
const POSITIONAL = {
  1: [...FORMER, "output_padding", "data_format", ...LATTER],
  2: [...FORMER, "output_padding", "data_format", ...LATTER],
  3: [...FORMER, "data_format", "output_padding", ...LATTER],
};
/** Arguments that change neither a length nor what is shown. */
const OTHERS = /^(name|trainable|batch_size|weights|.*_(initializer|regularizer|constraint))$/;
const LENGTHS = ["kernel_size", "strides", "dilation_rate", "output_padding"];
const KNOWN = [...FORMER, ...LATTER, "output_padding", "data_format", "dtype", "input_shape", "batch_input_shape"];
const ACTIVATIONS = ["linear", "relu"];
const DTYPES = ["float32", "float64", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16"];

/**
 * Return what a pasted call says. Throws a CallError with one sentence if there is no call that can be read.
 * @param {string} source
 * @returns {Call}
 */
export function readCall(source) {
  const found = CALL.exec(source);
  if (!found) throw new CallError(NO_CALL);
  const rank = Number(found[1]);
  const values = byName(readArguments(source, found.index + found[0].length), POSITIONAL[rank]);
  /** @type {Call} */
  const call = { rank, fields: {}, notes: [], refused: [] };
  for (const [name, value] of values) readArgument(call, name, value);
  for (const name of ["filters", "kernel_size"])
    if (!values.has(name)) call.refused.push(`${name} is missing, and Keras needs it (C5).`);
  return call;
}

/** What Keras takes for arguments that a call does not give, where the form begins with something else. */
const LEFT_OUT = { strides: "1", padding: "valid" };

/**
 * Return the texts of all fields for a call. What the call does not set has Keras' default. The target size stays, and
 * so does the input, as far as it fits the layer.
 * @param {Call} call
 * @param {{ rank: string, input: string, data_format: string, target: string }} before
 * @returns {typeof DEFAULTS}
 */
export function textsOfCall(call, before) {
  const texts = { ...DEFAULTS, ...LEFT_OUT, target: before.target, ...call.fields, rank: `${call.rank}` };
  if (call.crop !== undefined && hasChannelsFirst(before.input, call.rank, call.channels))
    return { ...texts, input: before.input };
  const refitted = call.fields.input ?? refitInput(before, call.rank, texts.data_format);
  const input = withChannels(refitted, call.rank, texts.data_format, call.channels);
  if (call.crop !== undefined && input !== before.input)
    call.notes.push(`PyTorch has the channels first: the input ${before.input} was read as ${input}.`);
  else if (!call.fields.input) call.notes.push(`The call has no input shape: the field's ${input} is used.`);
  return { ...texts, input };
}

/**
 * Return the arguments by name; `names` has those by position.
 * @param {import("#layer_python.js").Argument[]} given
 * @param {string[]} names
 */
export function byName(given, names) {
  /** @type {Map<string, PythonValue>} */
  const values = new Map();
  given.forEach(({ name, value }, at) => {
    const known = name ?? names[at];
    if (known === undefined) throw new CallError("The call has more positional arguments than are read here.");
    if (values.has(known)) throw new CallError(`The call gives ${known} twice.`);
    values.set(known, value);
  });
  return values;
}

/**
 * @param {Call} call
 * @param {string} name
 * @param {PythonValue} value
 */
function readArgument(call, name, value) {
  if (OTHERS.test(name)) return;
  if (!KNOWN.includes(name)) call.refused.push(`${name} is not an argument of Conv${call.rank}DTranspose (C1).`);
  else if (name === "input_shape" || name === "batch_input_shape") readInputShape(call, name, value);
  else if (isCode(value) && name !== "activation" && name !== "dtype")
    call.notes.push(`${name} is the code ${value.code}, which is not evaluated: set its value below.`);
  else if (LENGTHS.includes(name)) readLengths(call, name, value);
  else if (name === "filters") readCount(call, name, value);
  else if (name === "padding") readWord(call, name, value, ["valid", "same"]);
  else if (name === "data_format") readWord(call, name, value, ["channels_last", "channels_first"]);
  else if (name === "use_bias") call.fields.use_bias = value === false || value === 0 ? "no" : "yes";
  else if (name === "activation") readActivation(call, value);
  else readDtype(call, value);
}

/**
 * @param {Call} call
 * @param {string} name
 * @param {PythonValue} value
 */
function readLengths(call, name, value) {
  if (value === null && name === "output_padding") {
    call.fields[name] = "None";
    return;
  }
  const numbers = Array.isArray(value) ? value : [value];
  if (numbers.some((number) => typeof number !== "number" || !Number.isInteger(number)))
    call.refused.push(`${name} needs whole numbers, and has ${shown(value)} (C1).`);
  else if (Array.isArray(value) && value.length !== call.rank)
    call.refused.push(`${name}=${shown(value)} has ${value.length} entries, and the layer ${axes(call.rank)} (C1).`);
  else call.fields[name] = numbers.join("x");
}

/**
 * @param {Call} call
 * @param {string} name
 * @param {PythonValue} value
 */
function readCount(call, name, value) {
  if (typeof value === "number" && Number.isInteger(value)) call.fields[name] = `${value}`;
  else call.refused.push(`${name} needs a whole number, and is ${shown(value)} (C1).`);
}

/**
 * @param {Call} call
 * @param {string} name
 * @param {PythonValue} value
 * @param {string[]} known
 */
function readWord(call, name, value, known) {
  if (value === null && name === "data_format") {
    call.fields[name] = "channels_last";
    return;
  }
  const word = typeof value === "string" ? value.toLowerCase() : "";
  if (known.includes(word)) call.fields[name] = word;
  else
    call.refused.push(`${name}=${shown(value)}: Keras takes ${known.map((one) => `"${one}"`).join(" or ")} only (C1).`);
}

/**
 * @param {Call} call
 * @param {PythonValue} value
 */
function readActivation(call, value) {
  const word = isCode(value) ? lastPart(value.code) : String(value ?? "linear");
  if (ACTIVATIONS.includes(word)) call.fields.activation = word;
  else call.notes.push(`The activation ${word} changes values and no shape; it is left out here.`);
}

/**
 * @param {Call} call
 * @param {PythonValue} value
 */
function readDtype(call, value) {
  const word = isCode(value) ? lastPart(value.code) : String(value ?? "float32");
  if (DTYPES.includes(word)) call.fields.dtype = word;
  else call.notes.push(`The dtype ${word} is not one that can be checked here; float32 is taken.`);
}

/**
 * Read the shape that older Keras takes with the first layer; input_shape has no batch.
 * @param {Call} call
 * @param {string} name
 * @param {PythonValue} value
 */
function readInputShape(call, name, value) {
  const whole = Array.isArray(value) && value.every((one) => one === null || typeof one === "number");
  if (!whole) call.notes.push(`${name} is not read: set the input size below.`);
  else call.fields.input = [...(name === "input_shape" ? [null] : []), ...value].map((one) => one ?? "None").join("x");
}

/** @param {string} code */
function lastPart(code) {
  return code.split(".").at(-1) ?? code;
}

/** @param {number} rank */
function axes(rank) {
  return rank === 1 ? "1 axis" : `${rank} axes`;
}

/**
 * Return a value as Python writes it, cut to a length that fits a sentence.
 * @param {PythonValue} value
 * @returns {string}
 */
function shown(value) {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `(${value.slice(0, 8).map(shown).join(", ")}${value.length === 1 ? "," : ""})`;
  if (isCode(value)) return value.code.slice(0, 60);
  return typeof value === "string" ? JSON.stringify(value.slice(0, 60)) : String(value);
}

// @ts-check
/** The axes of a case's id: how their values are shown, and which columns are derived from them. */
import { words } from "#columns.js";

/** @import { Table, Words } from "#columns.js" */
/** @typedef {[name: string, prefix: string][]} Axes */
/** @typedef {"unlisted" | "known" | "fine" | "lost"} Listing */
/**
 * @typedef {{ axes: Axes, cells: Record<string, { environment?: string, subject?: string, further?: string, stored?: string, contract?: string[] }>,
 *   listing: Record<string, Listing>, details: number[], chunk: number }} Settings
 */

/** The name of one length of an axis, if the name of the axis does not fit. @type {Record<string, string>} */
const LENGTHS = { size: "input", kernel_size: "kernel", strides: "stride", dilation_rate: "dilation" };
const LAYOUT = ["d", "h", "w"];
const LENGTH = /^m?\d+(\.m?\d+)*$/;

/**
 * Return a value of an axis as Keras writes it: m1 is -1, 2.3 is 2x3, none is None, mixed.float16 is mixed_float16.
 * @param {string} name
 * @param {string} value
 */
export function shownValue(name, value) {
  if (LENGTH.test(value)) return value.split(".").map(shownLength).join("x");
  if (value === "none") return "None";
  return name === "data_format" ? `channels_${value}` : value.replaceAll(".", "_");
}

/** @param {string} text */
function shownLength(text) {
  return text.replace("m", "-");
}

/**
 * Set how the values of the axes are shown, and add the columns that are derived from axes and categories.
 * A derived column shares the codes of its source column.
 * @param {Table} table
 * @param {Settings} settings
 */
export function derive(table, settings) {
  for (const [name] of settings.axes) {
    const column = words(table, name);
    if (!column) continue;
    column.shown = column.values.map((value) => shownValue(name, value));
    const spatial = name in LENGTHS || column.values.some((value) => value.includes(".") && LENGTH.test(value));
    if (spatial) deriveLengths(table, column);
  }
  const size = words(table, "size");
  if (size) add(table, size, "rank", (value) => String(value.split(".").length));
  const category = words(table, "category");
  if (category) add(table, category, "listing", (value) => settings.listing[value] ?? "unlisted");
}

/**
 * @param {Table} table
 * @param {Words} column
 */
function deriveLengths(table, column) {
  const rank = Math.max(...column.values.map((value) => (LENGTH.test(value) ? value.split(".").length : 0)));
  for (const letter of LAYOUT.slice(LAYOUT.length - rank)) {
    const fromEnd = LAYOUT.length - LAYOUT.indexOf(letter);
    const name = `${LENGTHS[column.name] ?? column.name}_${letter}`;
    add(table, column, name, (value) =>
      LENGTH.test(value) ? shownLength(value.split(".").at(-fromEnd) ?? "") : shownValue(column.name, value),
    );
  }
}

/**
 * @param {Table} table
 * @param {Words} column
 * @param {string} name
 * @param {(value: string) => string} of
 */
function add(table, column, name, of) {
  if (table.columns.has(name)) return;
  const values = column.values.map(of);
  table.columns.set(name, { kind: "codes", name, of: column.name, codes: column.codes, values, shown: values });
}

/**
 * Return the id of a row's case, put together from its axes.
 * @param {Table} table
 * @param {Axes} axes
 * @param {number} row
 */
export function caseId(table, axes, row) {
  return axes
    .map(([name, prefix]) => {
      const column = words(table, name);
      return prefix + (column?.values[column.codes[row] ?? -1] ?? "");
    })
    .join("-");
}

// @ts-check
/** What the names and values of a case's id mean: how they are read, and the columns that follow from them. */
import { shownAt, words } from "#columns.js";

/** @import { Table, Words } from "#columns.js" */
/** @typedef {[name: string, prefix: string][]} Axes */
/** @typedef {"unlisted" | "known" | "fine" | "lost"} Standing */
/**
 * @typedef {{ axes: Axes, cells: Record<string, { subject?: string, further?: string, stored?: string }>,
 *   standing: Record<string, Standing>, details: number[], chunk: number }} Settings
 */

/** How one length of an axis is called where the plural or the argument's name would be odd. @type {Record<string, string>} */
const LENGTHS = { size: "input", kernel_size: "kernel", strides: "stride", dilation_rate: "dilation" };
const LAYOUT = ["d", "h", "w"];
const LENGTH = /^m?\d+(\.m?\d+)*$/;

/**
 * A value of an axis as Keras has it: m1 is -1, 2.3 is 2x3, none None, mixed.float16 mixed_float16.
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
 * Adds what follows from the axes and outcomes; the new columns share the codes of the old ones.
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
  const outcome = words(table, "outcome");
  if (outcome) add(table, outcome, "standing", (value) => settings.standing[value] ?? "unlisted");
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
 * The case's id, put together from its axes.
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

/**
 * The commands that ask a row's question again and derive what it must give.
 * @param {Table} table
 * @param {Settings} settings
 * @param {number} row
 */
export function commands(table, settings, row) {
  const [cell, suite, mode] = ["cell", "suite", "mode"].map((name) => readAt(table, name, row));
  const id = quoted(caseId(table, settings.axes, row));
  return [
    `${again(settings, cell ?? "", [suite ?? ""], [mode ?? ""])} --case ${id}`,
    `python -m fixtures explain ${id}`,
  ];
}

/**
 * For every cell the command that asks its selected questions again, the ids being in a file beside it.
 * @param {Table} table
 * @param {Settings} settings
 * @param {Uint32Array} rows
 */
export function againAll(table, settings, rows) {
  /** @type {Map<string, { suites: Set<string>, modes: Set<string> }>} */
  const asked = new Map();
  for (const row of rows) {
    const cell = readAt(table, "cell", row);
    const of = asked.get(cell) ?? { suites: new Set(), modes: new Set() };
    of.suites.add(readAt(table, "suite", row));
    of.modes.add(readAt(table, "mode", row));
    asked.set(cell, of);
  }
  return [...asked].map(
    ([cell, { suites, modes }]) => `${again(settings, cell, [...suites], [...modes])} --case=@cases.txt`,
  );
}

/**
 * @param {Settings} settings
 * @param {string} name
 * @param {string[]} suites
 * @param {string[]} modes
 */
function again(settings, name, suites, modes) {
  const cell = settings.cells[name] ?? {};
  const asked = ["pytest", ...suites.map((suite) => quoted(`suites/test_${suite}.py`))];
  if (cell.subject) asked.push("--subject", quoted(cell.subject));
  asked.push("--mode", quoted(modes.join(",")));
  // Made with the page, quoted there.
  if (cell.further) asked.push(cell.further);
  if (cell.stored && suites.includes("migration")) asked.push(cell.stored);
  return asked.join(" ");
}

/**
 * @param {Table} table
 * @param {string} name
 * @param {number} row
 */
function readAt(table, name, row) {
  const column = table.columns.get(name);
  return column ? shownAt(column, row) : "";
}

/**
 * One word for a shell.
 * @param {string} word
 */
function quoted(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

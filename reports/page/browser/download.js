// @ts-check
/** The selection as files, made in the browser. */
import { againAll, caseId } from "#axes.js";
import { shownAt } from "#columns.js";

/** @import { Settings } from "#axes.js" */
/** @import { Table } from "#columns.js" */

const BLOCK = 5000; // rows that are put together into one part of the file

/**
 * A field of a CSV file. A spreadsheet would take =1+1 for a formula: an apostrophe keeps it text.
 * @param {string} text
 */
function field(text) {
  const safe = /^[=+@\t\r\n-]/.test(text) && !/^-?\d+(\.\d+)?(x-?\d+)*$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * All columns and the case's id, a line a question.
 * @param {Table} table
 * @param {Settings} settings
 * @param {Uint32Array} rows
 * @returns {Blob}
 */
export function asCsv(table, { axes }, rows) {
  const columns = [...table.columns.values()];
  const head = [...columns.map(({ name }) => name), "id"].map(field).join(",");
  return inBlocks(
    rows,
    `${head}\r\n`,
    (row) => {
      const values = columns.map((column) => shownAt(column, row));
      return `${[...values, caseId(table, axes, row)].map(field).join(",")}\r\n`;
    },
    "text/csv",
  );
}

/**
 * The ids of the selected cases, each once, for --case=@FILE; as comments before them the commands that ask again.
 * @param {Table} table
 * @param {Settings} settings
 * @param {Uint32Array} rows
 * @returns {Blob}
 */
export function asCases(table, settings, rows) {
  /** @type {Set<string>} */
  const seen = new Set();
  const told = againAll(table, settings, rows).map((command) => `# ${command}\n`);
  return inBlocks(
    rows,
    told.join(""),
    (row) => {
      const id = caseId(table, settings.axes, row);
      if (seen.has(id)) return "";
      seen.add(id);
      return `${id}\n`;
    },
    "text/plain",
  );
}

/**
 * @param {Uint32Array} rows
 * @param {string} head
 * @param {(row: number) => string} line
 * @param {string} type
 */
function inBlocks(rows, head, line, type) {
  const parts = [head];
  for (let start = 0; start < rows.length; start += BLOCK) {
    parts.push(Array.from(rows.subarray(start, start + BLOCK), line).join(""));
  }
  return new Blob(parts, { type: `${type};charset=utf-8` });
}

/**
 * Hands a file to the reader.
 * @param {Blob} blob
 * @param {string} name
 */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

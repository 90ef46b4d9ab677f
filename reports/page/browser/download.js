// @ts-check
/** Save the selected checks as files, which are created in the browser. */
import { caseId } from "#axes.js";
import { shownAt } from "#columns.js";
import { rerunCommandsByCell } from "#rerun.js";

/** @import { Settings } from "#axes.js" */
/** @import { Table } from "#columns.js" */

const BLOCK = 5000; // the number of rows that form one part of the file

/**
 * Return a field of a CSV file. A spreadsheet reads =1+1 as a formula; an apostrophe in front keeps it text.
 * @param {string} text
 */
function field(text) {
  const safe = /^[=+@\t\r\n-]/.test(text) && !/^-?\d+(\.\d+)?(x-?\d+)*$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * Return a CSV file with one line for each check: all columns, and the id of the case.
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
 * Return a file for --case=@FILE with the ids of the selected cases, each once. Comments at its beginning have the
 * commands that run the checks again.
 * @param {Table} table
 * @param {Settings} settings
 * @param {Uint32Array} rows
 * @returns {Blob}
 */
export function asCases(table, settings, rows) {
  /** @type {Set<string>} */
  const seen = new Set();
  const comments = rerunCommandsByCell(table, settings, rows).map((command) => `# ${command}\n`);
  return inBlocks(
    rows,
    comments.join(""),
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
 * Let the browser save a file.
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

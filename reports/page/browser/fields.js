// @ts-check
/** Find the column that a field of a query means, by its name or the beginning of its name. */

/** @import { Column, Table } from "#columns.js" */

/** An error in a query. The message is a sentence for the reader. */
export class QueryError extends Error {}

/**
 * @param {Table} table
 * @param {string} name
 * @returns {Column}
 */
export function fieldOf(table, name) {
  const exact = table.columns.get(name) ?? table.columns.get(name.toLowerCase());
  if (exact) return exact;
  const begun = [...table.columns.values()].filter((column) => column.name.startsWith(name.toLowerCase()));
  // "stride" means strides, not stride_h or stride_w. "input" begins only derived columns: it means their source.
  const own = begun.filter((column) => sourceOf(column) === column.name);
  const meant = own.length ? own : [...new Set(begun.map(sourceOf))].map((of) => table.columns.get(of) ?? begun[0]);
  if (meant.length === 1 && meant[0]) return meant[0];
  if (meant.length) {
    const names = meant.flatMap((column) => column?.name ?? []).join(", ");
    throw new QueryError(`${name} could be ${names}: write more of it.`);
  }
  throw new QueryError(`There is no field ${clip(name)}; the nearest is ${nearest(name, [...table.columns.keys()])}.`);
}

/** @param {Column} column */
function sourceOf(column) {
  return column.kind === "codes" ? column.of : column.name;
}

/** @param {string} text */
function clip(text) {
  return text.length > 40 ? `${text.slice(0, 40)} ...` : text;
}

/**
 * Return the known name with the smallest edit distance from `name`.
 * @param {string} name
 * @param {string[]} known
 */
export function nearest(name, known) {
  const given = name.toLowerCase().slice(0, 40);
  const far = known.map((one) => /** @type {const} */ ([distance(given, one), one]));
  return far.reduce((best, one) => (one[0] < best[0] ? one : best))[1];
}

/**
 * Return the edit distance between two words: the number of letters to insert, remove or replace.
 * @param {string} from
 * @param {string} to
 */
function distance(from, to) {
  let before = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (before[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (before[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    before = row;
  }
  return before[to.length] ?? 0;
}

// @ts-check
/** The selected rows: how many, in which order, and how often each value stands in them. */

/** @import { Column, Table, Words } from "#columns.js" */
/** @typedef {{ rows: Uint32Array, deviating: number, fresh: number }} Selection */

/**
 * @param {Table} table
 * @param {Uint8Array} mask
 * @returns {Selection}
 */
export function selection(table, mask) {
  let count = 0;
  for (let row = 0; row < mask.length; row++) count += mask[row];
  const rows = new Uint32Array(count);
  for (let row = 0, at = 0; row < mask.length; row++) if (mask[row]) rows[at++] = row;
  const standing = table.columns.get("standing");
  let [known, fresh] = [0, 0];
  if (standing?.kind === "codes") {
    for (const [value, number] of counts(standing, rows)) {
      if (value === "known") known += number;
      if (value === "unlisted") fresh += number;
    }
  }
  return { rows, deviating: known + fresh, fresh };
}

/**
 * How many of the rows have each code of a column.
 * @param {Words} column
 * @param {Uint32Array} rows
 */
export function codeCounts(column, rows) {
  const found = new Uint32Array(column.values.length);
  const { codes } = column;
  for (let at = 0; at < rows.length; at++) found[codes[rows[at]]]++;
  return found;
}

/**
 * How many of the rows have each value, as it is shown; a virtual column has one value under several codes.
 * @param {Words} column
 * @param {Uint32Array} rows
 * @param {Uint32Array} byCode what codeCounts says of the column it shares its codes with
 * @returns {Map<string, number>}
 */
export function counts(column, rows, byCode = codeCounts(column, rows)) {
  /** @type {Map<string, number>} */
  const found = new Map();
  for (let code = 0; code < byCode.length; code++) {
    const value = column.shown[code] ?? "";
    if (byCode[code]) found.set(value, (found.get(value) ?? 0) + byCode[code]);
  }
  return found;
}

const collator = new Intl.Collator("en", { numeric: true });

/**
 * Values as a reader orders them: -1 before 2 before 10, 2x3 before 2x10.
 * @param {string} a
 * @param {string} b
 */
export function naturally(a, b) {
  const [first, second] = [Number.parseFloat(a), Number.parseFloat(b)];
  return first !== second && !Number.isNaN(first - second) ? first - second : collator.compare(a, b);
}

/** Orders of all rows by column and direction: sorting a selection is one scan of an order. @type {Map<string, Uint32Array>} */
const orders = new Map();

/**
 * The selected rows in the order of a column, equal ones as they stand in the table; without a number last.
 * @param {Table} table
 * @param {Uint8Array} mask
 * @param {Selection} selected
 * @param {string} sort the column's name, with a minus in front for the other direction
 * @returns {Uint32Array}
 */
export function sorted(table, mask, selected, sort) {
  const down = sort.startsWith("-");
  const column = table.columns.get(down ? sort.slice(1) : sort);
  if (!column) return selected.rows;
  const order = orders.get(sort) ?? ordered(ranks(column, down));
  orders.set(sort, order);
  const found = new Uint32Array(selected.rows.length);
  for (let place = 0, at = 0; place < order.length; place++) {
    const row = order[place];
    if (mask[row]) found[at++] = row;
  }
  return found;
}

/**
 * A number a row that orders as its value does.
 * @param {Column} column
 * @param {boolean} down
 * @returns {Float64Array}
 */
function ranks(column, down) {
  const sign = down ? -1 : 1;
  if (column.kind !== "codes") {
    const values = column.kind === "hashes" ? column.keys : column.values;
    return Float64Array.from(values, (value) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : sign * value));
  }
  const places = new Map([...new Set(column.shown)].sort(naturally).map((value, place) => [value, sign * place]));
  const byCode = Float64Array.from(column.shown, (value) => places.get(value) ?? 0);
  const found = new Float64Array(column.codes.length);
  for (let row = 0; row < found.length; row++) found[row] = byCode[column.codes[row]];
  return found;
}

/**
 * Rows by rank. Distinct ranks are few or many: they are numbered, then numbers and rows sorted as one number.
 * @param {Float64Array} rank
 */
function ordered(rank) {
  const distinct = rank.slice().sort();
  /** @type {Map<number, number>} */
  const numbered = new Map();
  for (const value of distinct) if (!numbered.has(value)) numbered.set(value, numbered.size);
  const size = rank.length;
  const keys = new Float64Array(size);
  for (let row = 0; row < size; row++) keys[row] = (numbered.get(rank[row]) ?? 0) * size + row;
  keys.sort();
  const order = new Uint32Array(size);
  for (let place = 0; place < size; place++) order[place] = keys[place] % size;
  return order;
}

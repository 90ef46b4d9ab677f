// @ts-check
/** The selected rows: their number, their order, and how often each value occurs in them. */

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
  const listing = table.columns.get("listing");
  let [knownDeviations, fresh] = [0, 0];
  if (listing?.kind === "codes") {
    for (const [value, number] of counts(listing, rows)) {
      if (value === "known") knownDeviations += number;
      if (value === "unlisted") fresh += number;
    }
  }
  return { rows, deviating: knownDeviations + fresh, fresh };
}

/**
 * Count the rows for each code of a column.
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
 * Count the rows for each shown value of a column. In a derived column several codes may have one value.
 * @param {Words} column
 * @param {Uint32Array} rows
 * @param {Uint32Array} byCode the result of codeCounts for the column that owns the codes
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
 * Compare two values in natural order: -1 before 2 before 10, and 2x3 before 2x10.
 * @param {string} a
 * @param {string} b
 */
export function naturally(a, b) {
  const [first, second] = [Number.parseFloat(a), Number.parseFloat(b)];
  return first !== second && !Number.isNaN(first - second) ? first - second : collator.compare(a, b);
}

/** The order of all rows by sort key, so that sorting a selection is one scan. @type {Map<string, Uint32Array>} */
const orders = new Map();

/**
 * Return the selected rows in the order of a column. Equal rows keep the order of the table, and rows without a number
 * come last.
 * @param {Table} table
 * @param {Uint8Array} mask
 * @param {Selection} selected
 * @param {string} sort the column's name, with a minus in front for descending order
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
 * Return a number for each row that sorts as the row's value does.
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
 * Return the rows sorted by rank. The distinct ranks are numbered, and each pair of rank number and row is sorted as
 * one number. This works for few and for many distinct ranks.
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

// @ts-check
/** The columns of the page, unpacked from base64 of a gzip (see reports/page/packed_columns.py). */

/** @typedef {Uint8Array | Uint16Array | Uint32Array} Codes */
/**
 * A column of words. Each row has a code, an index into `values`, which are as in the ledger. `shown` has the same
 * values as the page shows them. `of` names the column of the payload that owns the codes, which derived columns share.
 * @typedef {{ kind: "codes", name: string, of: string, codes: Codes, values: string[], shown: string[] }} Words
 */
/** @typedef {{ kind: "numbers", name: string, values: Float32Array }} Numbers */
/** Hashes of ten hexadecimal digits, as numbers below 2 ** 40. @typedef {{ kind: "hashes", name: string, keys: Float64Array }} Hashes */
/** @typedef {Words | Numbers | Hashes} Column */
/** @typedef {{ rows: number, columns: Map<string, Column> }} Table */
/** @typedef {{ name: string, kind: string, width?: number, values?: string[] }} Entry */

const HASH_BYTES = 5;

/**
 * Decode base64 of a gzip, and return the unpacked bytes.
 * @param {string} text
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function inflated(text) {
  const raw = atob(text.trim());
  const bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at++) bytes[at] = raw.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Return the table in the payload. Throws an error if the payload is broken.
 * @param {string} text
 * @returns {Promise<Table>}
 */
export async function unpacked(text) {
  const bytes = await inflated(text);
  const length = new DataView(bytes.buffer).getUint32(0, true);
  /** @type {{ rows: number, columns: Entry[] }} */
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  /** @type {Map<string, Column>} */
  const columns = new Map();
  let at = 4 + length;
  for (const entry of header.columns) {
    const size = header.rows * width(entry);
    if (at + size > bytes.length) throw new Error(`column ${entry.name} is cut off`);
    columns.set(entry.name, column(entry, bytes.slice(at, at + size), header.rows));
    at += size;
  }
  return { rows: header.rows, columns };
}

/** @param {Entry} entry */
function width(entry) {
  if (entry.kind === "codes") return entry.width ?? 1;
  return entry.kind === "hashes" ? HASH_BYTES : 4;
}

/**
 * @param {Entry} entry
 * @param {Uint8Array<ArrayBuffer>} data
 * @param {number} rows
 * @returns {Column}
 */
function column(entry, data, rows) {
  const { name, values = [] } = entry;
  if (entry.kind === "numbers") return { kind: "numbers", name, values: new Float32Array(data.buffer) };
  if (entry.kind === "hashes") return { kind: "hashes", name, keys: keys(data, rows) };
  const codes = entry.width === 1 ? data : new (entry.width === 2 ? Uint16Array : Uint32Array)(data.buffer);
  return { kind: "codes", name, of: name, codes, values, shown: values };
}

/**
 * @param {Uint8Array} data
 * @param {number} rows
 */
function keys(data, rows) {
  const found = new Float64Array(rows);
  for (let row = 0, at = 0; row < rows; row++) {
    let key = 0;
    for (let byte = 0; byte < HASH_BYTES; byte++) key = key * 256 + data[at++];
    found[row] = key;
  }
  return found;
}

/**
 * Return a row's value in a column, as the page shows it.
 * @param {Column} column
 * @param {number} row
 * @returns {string}
 */
export function shownAt(column, row) {
  if (column.kind === "codes") return column.shown[column.codes[row]] ?? "";
  if (column.kind === "hashes") return hashText(column.keys[row]);
  const value = column.values[row] ?? Number.NaN;
  return Number.isNaN(value) ? "" : String(Number(value.toPrecision(6)));
}

/**
 * Return a hash as ten hexadecimal digits.
 * @param {number} key
 */
export function hashText(key) {
  return key.toString(16).padStart(2 * HASH_BYTES, "0");
}

/**
 * Return the column of words with this name, or undefined if there is none.
 * @param {Table} table
 * @param {string} name
 * @returns {Words | undefined}
 */
export function words(table, name) {
  const column = table.columns.get(name);
  return column?.kind === "codes" ? column : undefined;
}

// @ts-check
/** Select rows by a query in liqe's language. A clause tests the values of a dictionary, then scans the codes once. */
import { asQuery } from "#case_names.js";
import { fieldOf, QueryError } from "#fields.js";
import { parse } from "#liqe.js";
import { anywhereMatcher, comparison, numbersOf, patternMatcher, valueMatcher, writtenText } from "#match.js";

/** @import { Axes } from "#axes.js" */
/** @import { Column, Hashes, Table, Words } from "#columns.js" */
/** @import { Tag, Tree } from "#liqe.js" */
/** @import { Matches } from "#match.js" */
/** @typedef {{ table: Table, axes: Axes, query: string }} Search */

const ID = "id";

/**
 * Return the syntax tree of a query. Throws a QueryError that says what is wrong.
 * @param {string} query
 * @returns {Tree}
 */
export function parsed(query) {
  try {
    return parse(inCapitals(query));
  } catch (error) {
    const offset = error instanceof Error && "offset" in error ? Number(error.offset) : -1;
    if (offset < 0) throw new QueryError("The query is not finished: something is missing at its end.");
    const rest = query.slice(offset, offset + 20);
    throw new QueryError(`The query cannot be read from “${rest}” on; put what is not a plain word into "quotes".`);
  }
}

/**
 * Return the query with and, or and not between clauses in capitals, as liqe needs them. Quoted text and parts of
 * values do not change.
 * @param {string} query
 */
function inCapitals(query) {
  const words = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?<=^|[\s(])(?:and|or|not)(?=$|[\s(])/g;
  return query.replace(words, (found) => (/^["']/.test(found) ? found : found.toUpperCase()));
}

/**
 * Return one byte for each row: 1 if the query selects it, else 0. Throws a QueryError.
 * @param {Table} table
 * @param {Axes} axes
 * @param {string} query
 * @returns {Uint8Array}
 */
export function select(table, axes, query) {
  const request = asQuery(query);
  return mask(parsed(request), { table, axes, query: request });
}

/**
 * @param {Tree} tree
 * @param {Search} search
 * @returns {Uint8Array}
 */
function mask(tree, search) {
  if (tree.type === "EmptyExpression") return new Uint8Array(search.table.rows).fill(1);
  if (tree.type === "ParenthesizedExpression") return mask(tree.expression, search);
  if (tree.type === "UnaryOperator") {
    const found = mask(tree.operand, search);
    for (let row = 0; row < found.length; row++) found[row] = found[row] ? 0 : 1;
    return found;
  }
  if (tree.type === "Tag") return clause(tree, search);
  const found = mask(tree.left, search);
  const other = mask(tree.right, search);
  if (tree.operator.operator === "AND") for (let row = 0; row < found.length; row++) found[row] &= other[row];
  else for (let row = 0; row < found.length; row++) found[row] |= other[row];
  return found;
}

/**
 * @param {Tag} tag
 * @param {Search} search
 * @returns {Uint8Array}
 */
function clause(tag, search) {
  const { field, expression } = tag;
  if (expression.type === "EmptyExpression") {
    throw new QueryError(`${field.type === "Field" ? field.name : "A field"}: asks for nothing yet; write a value.`);
  }
  const text = expression.type === "LiteralExpression" ? writtenText(search.query, expression) : "";
  const quoted = expression.type === "LiteralExpression" && expression.quoted;
  if (field.type === "ImplicitField") {
    if (expression.type === "RegexExpression") return anywhere(patternMatcher(expression.value), search);
    return freeText(text, quoted, search);
  }
  if (field.name === ID) return byId(text, search) ?? hashed(text, search) ?? unknown(text);
  const column = fieldOf(search.table, field.name);
  const compared = comparison(tag, search.query);
  if (compared) return byNumber(column, compared);
  if (expression.type === "RegexExpression") return byValue(column, patternMatcher(expression.value));
  if (column.kind === "hashes") return hashed(text, search) ?? unknown(text);
  if (column.kind === "numbers") return byNumber(column, equals(text, column.name));
  return byValue(column, valueMatcher(text, quoted, tag.operator?.operator === ":="));
}

/** @param {string} text @returns {never} */
function unknown(text) {
  throw new QueryError(`“${text.slice(0, 80)}” is neither the beginning of a hash nor of a case's id.`);
}

/** @param {string} text @param {string} name */
function equals(text, name) {
  const target = Math.fround(Number(text));
  if (text === "" || Number.isNaN(target)) throw new QueryError(`${name} has numbers: write ${name}:>1, for example.`);
  return (/** @type {number} */ number) => number === target;
}

/**
 * @param {string} text
 * @param {boolean} quoted
 * @param {Search} search
 */
function freeText(text, quoted, search) {
  const whole = quoted ? null : byId(text, search);
  if (whole) return whole;
  const found = anywhere(anywhereMatcher(text, quoted), search);
  const other = /^[0-9a-f]{4,10}$/.test(text) ? hashed(text, search) : null;
  if (other) for (let row = 0; row < found.length; row++) found[row] |= other[row];
  return found;
}

/**
 * @param {Matches} matches
 * @param {Search} search
 */
function anywhere(matches, { table }) {
  const found = new Uint8Array(table.rows);
  for (const column of table.columns.values()) {
    if (column.kind !== "codes" || column.of !== column.name) continue;
    const hits = hitsOf(column, matches);
    if (hits.includes(1)) for (let row = 0; row < found.length; row++) found[row] |= hits[column.codes[row]];
  }
  return found;
}

/**
 * @param {Words} column
 * @param {Matches} matches
 */
function hitsOf(column, matches) {
  return Uint8Array.from(column.values, (value, code) => (matches(value, column.shown[code] ?? "") ? 1 : 0));
}

/**
 * @param {Column} column
 * @param {Matches} matches
 */
function byValue(column, matches) {
  if (column.kind !== "codes") throw new QueryError(`${column.name} has no text to search.`);
  const hits = hitsOf(column, matches);
  const found = new Uint8Array(column.codes.length);
  for (let row = 0; row < found.length; row++) found[row] = hits[column.codes[row]];
  return found;
}

/**
 * @param {Column} column
 * @param {(number: number) => boolean} compared
 */
function byNumber(column, compared) {
  if (column.kind === "numbers") return tested(column.values, compared);
  if (column.kind === "hashes" || !column.shown.some((shown) => numbersOf(shown).length)) {
    throw new QueryError(`${column.name} has no numbers to compare; write ${column.name}: and a value.`);
  }
  return byValue(column, (_, shown) => numbersOf(shown).some(compared));
}

/**
 * @param {ArrayLike<number>} numbers
 * @param {(number: number) => boolean} holds
 */
function tested(numbers, holds) {
  const found = new Uint8Array(numbers.length);
  for (let row = 0; row < found.length; row++) found[row] = holds(numbers[row] ?? Number.NaN) ? 1 : 0;
  return found;
}

/**
 * Return the mask of rows whose hash begins with `text`, or null if no hash can.
 * @param {string} text
 * @param {Search} search
 */
function hashed(text, { table }) {
  const column = /** @type {Hashes | undefined} */ ([...table.columns.values()].find(({ kind }) => kind === "hashes"));
  if (!column || !/^[0-9a-f]{1,10}$/i.test(text)) return null;
  const scale = 16 ** (10 - text.length);
  const first = Number.parseInt(text, 16) * scale;
  return tested(column.keys, (key) => key >= first && key < first + scale);
}

/**
 * Return the mask of rows whose case id begins with the parts in `text`, or null if these are not parts of an id.
 * @param {string} text
 * @param {Search} search
 */
function byId(text, { table, axes }) {
  const parts = text.split("-");
  if (parts.length < 2 || parts.length > axes.length) return null;
  /** @type {Uint8Array | null} */
  let found = null;
  for (const [at, part] of parts.entries()) {
    const [name, prefix] = axes[at] ?? ["", ""];
    const column = table.columns.get(name);
    if (column?.kind !== "codes" || !part.startsWith(prefix)) return null;
    const code = column.values.indexOf(part.slice(prefix.length));
    if (code < 0 && parts.length < axes.length) return null; // the beginning of no id, but maybe a word
    const these = tested(column.codes, (one) => one === code);
    if (found) for (let row = 0; row < these.length; row++) found[row] &= these[row];
    else found = these;
  }
  return found;
}

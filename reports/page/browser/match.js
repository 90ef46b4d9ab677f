// @ts-check
/** Build functions that test whether a clause of a query matches one value of a dictionary. */
import { QueryError } from "#fields.js";

/** @import { Literal, Range, Tag } from "#liqe.js" */
/** @typedef {(value: string, shown: string) => boolean} Matches */

const UNQUOTED = /[^\s()"':]+/y;
const NUMBERS = /^-?\d+(\.\d+)?(x-?\d+)*$/;

/**
 * Return a literal as it is written in the query. liqe turns 0012 into a number, and the end that it reports for a
 * quoted text does not count the escapes.
 * @param {string} query
 * @param {Literal} literal
 */
export function writtenText(query, literal) {
  if (literal.quoted) return String(literal.value);
  UNQUOTED.lastIndex = literal.location.start;
  return UNQUOTED.exec(query)?.[0] ?? String(literal.value);
}

/**
 * Return the words of a text separated by single spaces, also at both ends, to match whole words.
 * @param {string} text
 */
function spaced(text) {
  return ` ${text
    .toLowerCase()
    .replace(/[\s,;:()'"]+/g, " ")
    .trim()} `;
}

/**
 * @param {string} text
 * @returns {RegExp}
 */
function wildcard(text) {
  const pattern = text
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${pattern}$`, "is");
}

/**
 * Match field:text with a whole value, or with whole words in it. An unquoted * or ? is a wildcard.
 * @param {string} text
 * @param {boolean} quoted
 * @param {boolean} whole match only the whole value, as with :=
 * @returns {Matches}
 */
export function valueMatcher(text, quoted, whole) {
  if (!quoted && /[*?]/.test(text)) {
    const pattern = wildcard(text);
    return (value, shown) => pattern.test(value) || pattern.test(shown);
  }
  const target = text.toLowerCase();
  const isWhole = (/** @type {string} */ value) => value.toLowerCase() === target;
  if (whole) return (value, shown) => isWhole(value) || isWhole(shown);
  const inside = spaced(text);
  const square = /^-?\d+$/.test(target) ? new RegExp(`^${target}(x${target})+$`) : null;
  return (value, shown) =>
    isWhole(value) ||
    isWhole(shown) ||
    square?.test(shown) || // strides:2 matches 2x2, because Keras reads 2 as 2x2
    (inside.trim() !== "" && /\s/.test(value) && spaced(value).includes(inside));
}

/**
 * Match a text anywhere in a value.
 * @param {string} text
 * @param {boolean} quoted
 * @returns {Matches}
 */
export function anywhereMatcher(text, quoted) {
  if (!quoted && /[*?]/.test(text)) return valueMatcher(`*${text}*`, false, false);
  const target = text.toLowerCase();
  return (value, shown) => value.toLowerCase().includes(target) || shown.toLowerCase().includes(target);
}

/**
 * Match a regular expression written between slashes. Throws a QueryError if it is not valid.
 * @param {string} text
 * @returns {Matches}
 */
export function patternMatcher(text) {
  const end = text.lastIndexOf("/");
  try {
    const pattern = new RegExp(text.slice(1, end), text.slice(end + 1).replace(/[gy]/g, ""));
    return (value, shown) => pattern.test(value) || pattern.test(shown);
  } catch {
    throw new QueryError(`${text} is not a regular expression.`);
  }
}

/**
 * Return the test of a clause that compares numbers (a bound or a range), or null for any other clause.
 * @param {Tag} tag
 * @param {string} query
 * @returns {((number: number) => boolean) | null}
 */
export function comparison(tag, query) {
  const { expression } = tag;
  if (expression.type === "RangeExpression") return within(expression);
  const operator = tag.operator?.operator ?? ":";
  if (expression.type !== "LiteralExpression" || !/[<>]/.test(operator)) return null;
  const text = writtenText(query, expression);
  const bound = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isNaN(bound)) throw new QueryError(`${operator} needs a number, not ${text || "nothing"}.`);
  if (operator === ":>") return (number) => number > bound;
  if (operator === ":>=") return (number) => number >= bound;
  if (operator === ":<") return (number) => number < bound;
  return (number) => number <= bound;
}

/** @param {Range} expression @returns {(number: number) => boolean} */
function within({ range }) {
  return (number) =>
    (range.minInclusive ? number >= range.min : number > range.min) &&
    (range.maxInclusive ? number <= range.max : number < range.max);
}

/**
 * Return the numbers in a value. For example, 2x3 has two.
 * @param {string} shown
 * @returns {number[]}
 */
export function numbersOf(shown) {
  return NUMBERS.test(shown) ? shown.split("x").map(Number) : [];
}

// @ts-check
/** The clauses of a query as text. A click adds or removes one, because only the query line stores the selection. */

import { asQuery } from "#case_names.js";
import { writtenText } from "#match.js";
import { parsed } from "#query.js";

/** @import { Words } from "#columns.js" */
/** @import { Tag, Tree } from "#liqe.js" */

const PLAIN = /^(?!(?:AND|OR|NOT|TO|true|false|null)$)(?:[A-Z_a-z][\w-]*(?:\.[\w-]+)*|-?\d+|\d+(?:x-?\d+)+)$/;
const LONG = 200;

/**
 * Return a text in double quotes, escaped so that liqe can read it.
 * @param {string} text
 */
function quoted(text) {
  // JSON escapes control characters as liqe reads them. Other line ends would be lost, and bidi marks would reorder the
  // line.
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * Return the clause that selects exactly the rows with a shown value. For a very long value it selects the rows that
 * begin with the same characters.
 * @param {Words} column
 * @param {string} shown
 */
export function clauseOf(column, shown) {
  if (shown.length > LONG) return `${column.name}:/^${shown.slice(0, LONG).replace(/[^\w ]/g, ".")}/s`;
  const loose = column.shown.some((other) => other !== shown && (/\s/.test(other) || /x/.test(other)));
  return `${column.name}${loose ? ":=" : ":"}${PLAIN.test(shown) ? shown : quoted(shown)}`;
}

/**
 * Return the clauses of a query that must all match.
 * @param {string} query
 * @returns {string[]}
 */
export function clauses(query) {
  const request = asQuery(query);
  const tree = parsed(request);
  return tree.type === "EmptyExpression" ? [] : conjuncts(tree, request);
}

/**
 * @param {Tree} tree
 * @param {string} query
 * @returns {string[]}
 */
function conjuncts(tree, query) {
  if (tree.type === "LogicalExpression" && tree.operator.operator === "AND") {
    return [...conjuncts(tree.left, query), ...conjuncts(tree.right, query)];
  }
  return [tree.type === "LogicalExpression" ? `(${written(tree, query)})` : written(tree, query)];
}

/**
 * Return the text of a syntax tree.
 * @param {Tree} tree
 * @param {string} query
 * @returns {string}
 */
function written(tree, query) {
  if (tree.type === "EmptyExpression") return "";
  if (tree.type === "ParenthesizedExpression") return `(${written(tree.expression, query)})`;
  if (tree.type === "UnaryOperator") {
    return (tree.operator === "-" ? "-" : "NOT ") + written(tree.operand, query);
  }
  if (tree.type === "Tag") return writtenTag(tree, query);
  return `${written(tree.left, query)} ${tree.operator.operator} ${written(tree.right, query)}`;
}

/**
 * @param {Tag} tag
 * @param {string} query
 */
function writtenTag(tag, query) {
  const { expression, field } = tag;
  const start = field.type === "Field" ? field.name + (tag.operator?.operator ?? ":") : "";
  if (expression.type === "EmptyExpression") return start;
  if (expression.type === "RegexExpression") return start + expression.value;
  if (expression.type === "RangeExpression") {
    const { min, max, minInclusive, maxInclusive } = expression.range;
    return `${start}${minInclusive ? "[" : "{"}${min} TO ${max}${maxInclusive ? "]" : "}"}`;
  }
  const text = writtenText(query, expression);
  return start + (expression.quoted ? quoted(text) : text);
}

/**
 * Return the query with the clause added, or removed if the query has it. The opposite clause is removed too, so
 * selecting a value ends its exclusion.
 * @param {string} query
 * @param {string} clause
 */
export function toggled(query, clause) {
  const all = clauses(query);
  const opposite = clause.startsWith("-") ? clause.slice(1) : `-${clause}`;
  const others = all.filter((one) => one !== clause && one !== opposite);
  return (all.includes(clause) ? others : [...others, clause]).join(" ");
}

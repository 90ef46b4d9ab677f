// @ts-check
/** Helpers for elements of the page. Text from a ledger is always added as text, never as markup. */

/** @typedef {Node | string | null | undefined | false} Child */

const CLIP = 160;
const READABLE = 10_000;

/**
 * Return a new element with attributes and children. Strings become text.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | boolean | number | undefined>} [attributes]
 * @param {Child[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * Return a button that calls `act` when it is clicked.
 * @param {() => void} act
 * @param {Record<string, string | boolean | undefined>} attributes
 * @param {Child[]} children
 */
export function button(act, attributes, ...children) {
  const element = make("button", { type: "button", ...attributes }, ...children);
  element.addEventListener("click", act);
  return element;
}

/**
 * Return the element with this id. Throws an error if it is missing or of another kind.
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function part(id, kind) {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`the page has no ${id}`);
  return element;
}

/**
 * Return a text, cut to a length that fits a table.
 * @param {string} text
 */
export function cutForTable(text) {
  return text.length > CLIP ? `${text.slice(0, CLIP)} …` : text;
}

/**
 * Return a value in full, or cut if it is very long: a browser takes seconds to lay out a megabyte of text.
 * @param {string} text
 */
export function cutIfVeryLong(text) {
  const more = text.length - READABLE;
  return more > 0 ? `${text.slice(0, READABLE)} … (${thousands(more)} more characters, in the CSV)` : text;
}

/** @param {number} number */
export function thousands(number) {
  return number.toLocaleString("en");
}

/**
 * Return a value cut for a table, or a dash if it is empty.
 * @param {string} text
 */
export function orNone(text) {
  return text === "" ? "–" : cutForTable(text);
}

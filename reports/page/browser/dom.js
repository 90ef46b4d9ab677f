// @ts-check
/** Elements of the page. Whatever comes from a ledger goes in as text, never as markup. */

/** @typedef {Node | string | null | undefined | false} Child */

const CLIP = 160;
const READABLE = 10_000;

/**
 * An element with its attributes and children; strings become text.
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
 * A button that does something.
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
 * The part of the page with this id, of this kind.
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
 * Enough of a text for a table.
 * @param {string} text
 */
export function clipped(text) {
  return text.length > CLIP ? `${text.slice(0, CLIP)} …` : text;
}

/**
 * A value in full, as far as somebody reads: a browser takes seconds to lay out a megabyte of text.
 * @param {string} text
 */
export function readable(text) {
  const more = text.length - READABLE;
  return more > 0 ? `${text.slice(0, READABLE)} … (${thousands(more)} more characters, in the CSV)` : text;
}

/** @param {number} number */
export function thousands(number) {
  return number.toLocaleString("en");
}

/**
 * How a value is shown that is nothing.
 * @param {string} text
 */
export function orNone(text) {
  return text === "" ? "–" : clipped(text);
}

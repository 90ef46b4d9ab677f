// @ts-check
/** The state of the explorer, which the URL stores after its #. */

/** @typedef {{ q: string, sort: string, page: number, pivot: string, bad: string, columns: string, case: string }} State */

/** @type {Readonly<State>} */
export const START = { q: "", sort: "", page: 1, pivot: "", bad: "", columns: "", case: "" };
const HASH = /^[0-9a-f]{8,10}$/; // the beginning of a hash names the case too

/**
 * Return the state in the hash of a URL, or null if the hash is another place of the page.
 * @param {string} hash
 * @returns {State | null}
 */
export function read(hash) {
  const text = hash.replace(/^#/, "");
  if (HASH.test(text)) return { ...START, case: text };
  const given = new URLSearchParams(text);
  const known = Object.keys(START).some((name) => given.has(name));
  if (text !== "" && !known) return null;
  const page = Number(given.get("page") ?? 1);
  const words = ["q", "sort", "pivot", "bad", "columns", "case"].map((name) => [name, given.get(name) ?? ""]);
  return { ...START, ...Object.fromEntries(words), page: Number.isInteger(page) && page > 0 ? page : 1 };
}

/**
 * Return the URL hash for a state, without the fields that have their initial values.
 * @param {State} state
 */
export function written(state) {
  const entries = Object.entries(state).filter(([name, value]) => value !== START[/** @type {keyof State} */ (name)]);
  return entries.length ? `#${new URLSearchParams(entries.map(([name, value]) => [name, String(value)]))}` : "";
}

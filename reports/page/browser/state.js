// @ts-check
/** What the reader looks at, as it stands behind the # of the address. */

/** @typedef {{ q: string, sort: string, page: number, pivot: string, bad: string, columns: string, case: string }} State */

/** @type {Readonly<State>} */
export const START = { q: "", sort: "", page: 1, pivot: "", bad: "", columns: "", case: "" };
const HASH = /^[0-9a-f]{10}$/;

/**
 * The state behind an address; null where that is another place of the page.
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
 * The address of a state, without what is as at the start.
 * @param {State} state
 */
export function written(state) {
  const told = Object.entries(state).filter(([name, value]) => value !== START[/** @type {keyof State} */ (name)]);
  return told.length ? `#${new URLSearchParams(told.map(([name, value]) => [name, String(value)]))}` : "";
}

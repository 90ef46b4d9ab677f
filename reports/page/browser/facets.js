// @ts-check
/** The values of every column with their counts in the selection. A click selects a value or excludes it. */
import { button, cutForTable, make, orNone, thousands } from "#dom.js";
import { codeCounts, counts, naturally } from "#rows.js";
import { clauseOf, clauses, toggled } from "#tokens.js";

/** @import { Table, Words } from "#columns.js" */
/** @import { View } from "#view.js" */

const SHORT = 10;
const LONG = 400;
const OPEN = ["listing", "suite", "variant"];
const FIRST = ["listing", "category", "cause", "cell", "suite", "variant"];

/** The columns whose lists are expanded. @type {Set<string>} */
const whole = new Set();

/**
 * Add one collapsible list for each column. Each is empty at first, and is filled when it is opened and when the
 * selection changes.
 * @param {HTMLElement} place
 * @param {View} view
 */
export function setUpFacets(place, view) {
  for (const column of inOrder(view.table)) {
    if (new Set(column.shown).size < 2) continue;
    const list = make("ul");
    const details = make("details", { "data-column": column.name, open: OPEN.includes(column.name) });
    details.append(make("summary", {}, column.name), list);
    details.addEventListener("toggle", () => details.open && renderFacets(place, view));
    place.append(details);
  }
}

/**
 * Return the columns of words in display order: results first, then the axes. Derived columns follow their source.
 * @param {Table} table
 * @returns {Words[]}
 */
function inOrder(table) {
  const all = [...table.columns.values()].filter((column) => column.kind === "codes");
  const own = all.filter((column) => column.of === column.name && !FIRST.includes(column.name));
  const first = FIRST.flatMap((name) => all.find((column) => column.name === name) ?? []);
  return [
    ...first,
    ...own.flatMap(({ name }) => all.filter((column) => column.of === name && !first.includes(column))),
  ];
}

/**
 * Fill the lists that are open.
 * @param {HTMLElement} place
 * @param {View} view
 */
export function renderFacets(place, view) {
  const inQuery = new Set(clauses(view.query));
  const focused = document.activeElement?.getAttribute("data-key");
  /** @type {Map<string, Uint32Array>} */
  const byCode = new Map();
  for (const details of place.querySelectorAll("details")) {
    const column = view.table.columns.get(details.dataset.column ?? "");
    if (column?.kind !== "codes") continue;
    const related = [...inQuery].some((clause) => clause.replace(/^(-|NOT )/, "").startsWith(`${column.name}:`));
    details.classList.toggle("in-query", related);
    if (!details.open) continue;
    const found = byCode.get(column.of) ?? codeCounts(column, view.selected.rows);
    byCode.set(column.of, found);
    const shown = items(column, counts(column, view.selected.rows, found), inQuery, view);
    details.querySelector("ul")?.replaceChildren(...shown);
    details.hidden = !shown.length;
  }
  if (focused) {
    const again = [...place.querySelectorAll("button")].find((one) => one.dataset.key === focused);
    again?.focus();
  }
}

/**
 * @param {Words} column
 * @param {Map<string, number>} found
 * @param {Set<string>} inQuery
 * @param {View} view
 */
function items(column, found, inQuery, view) {
  const values = [...new Set(column.shown)].filter(
    (value) => found.has(value) || inQuery.has(clauseOf(column, value)) || inQuery.has(`-${clauseOf(column, value)}`),
  );
  const numbered = values.every((value) => value === "None" || value === "" || /^-?\d/.test(value));
  values.sort((a, b) => (numbered ? 0 : (found.get(b) ?? 0) - (found.get(a) ?? 0)) || naturally(a, b));
  const most = whole.has(column.name) ? LONG : SHORT;
  const shown = values.slice(0, most).map((value) => item(column, value, found.get(value) ?? 0, inQuery, view));
  const rest = values.length - shown.length;
  if (rest > 0 && most === LONG)
    shown.push(make("li", {}, `and ${thousands(rest)} more: write ${column.name}: and a value`));
  else if (rest > 0 || values.length > SHORT) shown.push(make("li", {}, folding(column, values.length, view)));
  return shown;
}

/**
 * @param {Words} column
 * @param {number} number
 * @param {View} view
 */
function folding(column, number, view) {
  const open = whole.has(column.name);
  const turn = () => {
    if (open) whole.delete(column.name);
    else whole.add(column.name);
    view.renderAll();
  };
  const text = open ? "show fewer" : `show all ${thousands(number)}`;
  return button(
    turn,
    { class: "more", "data-key": `fold ${column.name}`, "aria-label": `${text}, ${column.name}` },
    text,
  );
}

/**
 * @param {Words} column
 * @param {string} value
 * @param {number} number
 * @param {Set<string>} inQuery
 * @param {View} view
 */
function item(column, value, number, inQuery, view) {
  const clause = clauseOf(column, value);
  const turn = (/** @type {string} */ one) => () => view.go({ q: toggled(view.query, one), page: 1 });
  const [taken, left] = [inQuery.has(clause), inQuery.has(`-${clause}`)];
  const name = make("bdi", {}, orNone(value));
  const count = make("span", { class: "count" }, thousands(number));
  const take = button(
    turn(clause),
    { class: "value", "aria-pressed": String(taken), "data-key": clause },
    name,
    " ",
    count,
  );
  const leave = button(
    turn(`-${clause}`),
    {
      class: "leave",
      "aria-pressed": String(left),
      "aria-label": `leave out ${column.name} ${cutForTable(value)}`,
      title: "leave out",
      "data-key": `-${clause}`,
    },
    "−",
  );
  return make("li", { class: taken ? "taken" : left ? "left" : undefined }, take, leave);
}

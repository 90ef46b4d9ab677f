// @ts-check
/** The table of the selected checks, one page at a time. */
import { caseId } from "#axes.js";
import { shownAt } from "#columns.js";
import { button, cutForTable, make, orNone, part, thousands } from "#dom.js";
import { written } from "#state.js";

/** @import { Column } from "#columns.js" */
/** @import { View } from "#view.js" */

export const PAGE = 50;
const FIRST = ["category", "cell", "suite", "variant", "cause"];
const SECOND = ["verdict", "property", "use_bias", "activation", "diagnosis", "deviation", "hash"];
/** The mark next to an category's name, by listing. @type {Record<string, string>} */
const MARKS = { unlisted: "✗", known: "!", fine: "✓", lost: "–" };

/**
 * Return the columns to show, the most important first, or all columns if the state says so.
 * @param {View} view
 * @returns {Column[]}
 */
function columnsOf({ table, state }) {
  const own = [...table.columns.values()].filter((column) => column.kind !== "codes" || column.of === column.name);
  const first = FIRST.flatMap((name) => table.columns.get(name) ?? []);
  const all = [...first, ...own.filter((column) => !first.includes(column))];
  if (state.columns === "all") return all;
  const varies = (/** @type {Column} */ column) => column.kind !== "codes" || column.values.length > 1;
  return all.filter((column) => column.name === "category" || (!SECOND.includes(column.name) && varies(column)));
}

/** @param {View} view */
export function renderTable(view) {
  const { state, order } = view;
  const columns = columnsOf(view);
  const pages = Math.max(1, Math.ceil(order.length / PAGE));
  const page = Math.min(state.page, pages);
  const rows = order.subarray((page - 1) * PAGE, page * PAGE);
  const focused = document.activeElement?.getAttribute("data-key");
  part("explorer-head", HTMLTableRowElement).replaceChildren(...columns.map((column) => header(column, view)));
  part("explorer-rows", HTMLTableSectionElement).replaceChildren(
    ...Array.from(rows, (row) => line(row, columns, view)),
  );
  renderPager(view, page, pages);
  if (focused) {
    const again = [...part("explorer-app", HTMLElement).querySelectorAll("[data-key]")].find(
      (one) => one.getAttribute("data-key") === focused,
    );
    if (again instanceof HTMLElement && again !== document.activeElement) again.focus();
  }
}

/**
 * @param {Column} column
 * @param {View} view
 */
function header(column, view) {
  const { sort } = view.state;
  const up = sort === column.name;
  const down = sort === `-${column.name}`;
  const next = up ? `-${column.name}` : down ? "" : column.name;
  const arrow = make("span", { "aria-hidden": "true" }, up ? " ▲" : down ? " ▼" : "");
  const turn = button(
    () => view.go({ sort: next, page: 1 }),
    { "data-key": `sort ${column.name}` },
    column.name,
    arrow,
  );
  const numeric = column.kind === "numbers" ? "number" : undefined;
  return make(
    "th",
    { scope: "col", class: numeric, "aria-sort": up ? "ascending" : down ? "descending" : undefined },
    turn,
  );
}

/**
 * @param {number} row
 * @param {Column[]} columns
 * @param {View} view
 */
function line(row, columns, view) {
  const cells = columns.map((column, at) => {
    const text = make("bdi", {}, orNone(shownAt(column, row)));
    const kind = column.kind === "codes" ? undefined : column.kind;
    if (at > 0) return make("td", { class: kind, "data-label": column.name }, text);
    return make("th", { scope: "row" }, markOf(row, view), " ", link(row, text, view));
  });
  const found = make("tr", {}, ...cells);
  found.addEventListener("click", (event) => {
    const selecting = String(getSelection() ?? "") !== "";
    if (!selecting && !(event.target instanceof HTMLElement && event.target.closest("a"))) view.open(row);
  });
  return found;
}

/**
 * Return the mark that stands next to the category's name.
 * @param {number} row
 * @param {View} view
 */
export function markOf(row, view) {
  const listing = view.listing(row);
  return make("span", { class: `mark ${listing}`, "aria-hidden": "true" }, MARKS[listing]);
}

/**
 * @param {number} row
 * @param {Node} text
 * @param {View} view
 */
function link(row, text, view) {
  const href = written({ ...view.state, case: view.keyOf(row) });
  const title = cutForTable(caseId(view.table, view.settings.axes, row));
  return make("a", { href, title, "data-key": `row ${row}` }, text);
}

/**
 * @param {View} view
 * @param {number} page
 * @param {number} pages
 */
function renderPager(view, page, pages) {
  const turn = (/** @type {string} */ text, /** @type {number} */ to) =>
    button(
      () => view.go({ page: to }),
      { "data-key": `page ${text}`, disabled: to < 1 || to > pages || to === page },
      text,
    );
  part("explorer-pages", HTMLElement).replaceChildren(
    turn("first", 1),
    turn("previous", page - 1),
    make("span", {}, `page ${thousands(page)} of ${thousands(pages)}`),
    turn("next", page + 1),
    turn("last", pages),
  );
}

// @ts-check
/** A table of two columns: for each pair of values, the share of the selected checks that deviates. */
import { words } from "#columns.js";
import { button, cutForTable, make, orNone, part, thousands } from "#dom.js";
import { naturally } from "#rows.js";
import { clauseOf, clauses } from "#tokens.js";

/** @import { Words } from "#columns.js" */
/** @import { View } from "#view.js" */
/** @typedef {{ checks: Uint32Array, bad: Uint32Array, down: string[], across: string[] }} Counted */

const MOST = 40;

/**
 * Fill the menus of columns, and listen to the controls.
 * @param {View} view
 */
export function setUpPivot(view) {
  const names = [...view.table.columns.values()].filter(
    (column) => column.kind === "codes" && new Set(column.shown).size > 1,
  );
  const fold = part("explorer-pivot", HTMLDetailsElement);
  const [down, across] = [part("explorer-down", HTMLSelectElement), part("explorer-across", HTMLSelectElement)];
  const fresh = part("explorer-fresh", HTMLInputElement);
  for (const select of [down, across]) select.append(...names.map(({ name }) => make("option", { value: name }, name)));
  const initial = ["padding", "dtype"].filter((name) => names.some((column) => column.name === name));
  down.value = initial[0] ?? names[0]?.name ?? "";
  across.value = initial[1] ?? names[1]?.name ?? "";
  const chosen = () => view.go({ pivot: `${down.value},${across.value}`, bad: fresh.checked ? "unlisted" : "" });
  for (const control of [down, across, fresh]) control.addEventListener("change", chosen);
  fold.addEventListener("toggle", () => {
    if (fold.open && !view.state.pivot) chosen();
    if (!fold.open && view.state.pivot) view.go({ pivot: "", bad: "" });
  });
}

/** @param {View} view */
export function renderPivot(view) {
  const fold = part("explorer-pivot", HTMLDetailsElement);
  const [first = "", second = ""] = view.state.pivot.split(",");
  fold.open = view.state.pivot !== "";
  const place = part("explorer-map", HTMLElement);
  if (!fold.open) return place.replaceChildren();
  const [down, across] = [words(view.table, first), words(view.table, second)];
  if (!down || !across) return place.replaceChildren(make("p", {}, "Choose two columns."));
  part("explorer-down", HTMLSelectElement).value = first;
  part("explorer-across", HTMLSelectElement).value = second;
  part("explorer-fresh", HTMLInputElement).checked = view.state.bad === "unlisted";
  return place.replaceChildren(...heatMap(count(down, across, view), down, across, view));
}

/**
 * Count the selected checks and the deviating ones for each pair of values.
 * @param {Words} down
 * @param {Words} across
 * @param {View} view
 * @returns {Counted}
 */
function count(down, across, view) {
  const [rowPlaces, columnPlaces] = [places(down), places(across)];
  const width = columnPlaces.values.length;
  const checks = new Uint32Array(rowPlaces.values.length * width);
  const bad = new Uint32Array(checks.length);
  const listing = words(view.table, "listing");
  const counts = view.state.bad === "unlisted" ? ["unlisted"] : ["unlisted", "known"];
  const isBad = Uint8Array.from(listing?.values ?? [], (value) => (counts.includes(value) ? 1 : 0));
  for (const row of view.selected.rows) {
    const at = rowPlaces.byCode[down.codes[row]] * width + columnPlaces.byCode[across.codes[row]];
    checks[at]++;
    if (listing) bad[at] += isBad[listing.codes[row]];
  }
  return { checks, bad, down: rowPlaces.values, across: columnPlaces.values };
}

/**
 * Return the values in natural order, and the index of each code's value in them.
 * @param {Words} column
 */
function places(column) {
  const values = [...new Set(column.shown)].sort(naturally);
  const place = new Map(values.map((value, at) => [value, at]));
  return { values, byCode: Uint32Array.from(column.shown, (value) => place.get(value) ?? 0) };
}

/**
 * Return the indices of values that occur. If there are more than `MOST`, keep those with the most checks.
 * @param {string[]} values
 * @param {(at: number) => number} total
 */
function selectMostFrequent(values, total) {
  const found = values.map((_, at) => at).filter((at) => total(at) > 0);
  const most = [...found].sort((a, b) => total(b) - total(a)).slice(0, MOST);
  return { shown: found.filter((at) => most.includes(at)), left: found.length - most.length };
}

/**
 * @param {Counted} counted
 * @param {Words} down
 * @param {Words} across
 * @param {View} view
 */
function heatMap(counted, down, across, view) {
  const { checks, down: rows, across: columns } = counted;
  const width = columns.length;
  const sum = (/** @type {number[]} */ at) => at.reduce((total, one) => total + checks[one], 0);
  const lines = selectMostFrequent(rows, (row) => sum(columns.map((_, column) => row * width + column)));
  const stripes = selectMostFrequent(columns, (column) => sum(rows.map((_, row) => row * width + column)));
  const left = lines.left + stripes.left;
  const caption = `Of the selected checks with both values, how many ${view.state.bad === "unlisted" ? "show a deviation that is not listed" : "deviate"}. A click narrows the query.${
    left ? ` The ${MOST} most checked values; ${thousands(left)} more are left out: narrow the query to see them.` : ""
  }`;
  const corner = make("th", { scope: "col" }, `${down.name} ↓ ${across.name} →`);
  const head = stripes.shown.map((at) => make("th", { scope: "col" }, make("bdi", {}, orNone(columns[at] ?? ""))));
  const body = lines.shown.map((row) => {
    const name = make("th", { scope: "row" }, make("bdi", {}, orNone(rows[row] ?? "")));
    return make("tr", {}, name, ...stripes.shown.map((column) => cell(row, column, counted, down, across, view)));
  });
  const table = make("table", { class: "heat", "aria-label": "Deviations by two parameters" });
  table.append(make("thead", {}, make("tr", {}, corner, ...head)), make("tbody", {}, ...body));
  return [make("p", { class: "hint" }, caption), table];
}

/**
 * @param {number} row
 * @param {number} column
 * @param {Counted} counted
 * @param {Words} down
 * @param {Words} across
 * @param {View} view
 */
function cell(row, column, counted, down, across, view) {
  const at = row * counted.across.length + column;
  const [checks, bad] = [counted.checks[at], counted.bad[at]];
  if (!checks) return make("td", { class: "none" }, make("span", { "aria-label": "not checked" }, "·"));
  const [first, second] = [counted.down[row] ?? "", counted.across[column] ?? ""];
  const narrow = () => {
    const pair = [clauseOf(down, first), clauseOf(across, second)];
    const before = clauses(view.query);
    view.go({ q: [...before, ...pair.filter((one) => !before.includes(one))].join(" "), page: 1 });
  };
  const where = `${down.name} ${cutForTable(first)}, ${across.name} ${cutForTable(second)}`;
  const text = `${thousands(bad)}/${thousands(checks)}`;
  const turn = button(narrow, { "aria-label": `${text} deviate: ${where}`, "data-key": `map ${at}` }, text);
  // The colour shows the share, and the text shows the numbers.
  const found = make("td", {}, turn);
  found.style.setProperty("--share", `${bad ? 10 + Math.round((35 * bad) / checks) : 0}%`);
  return found;
}

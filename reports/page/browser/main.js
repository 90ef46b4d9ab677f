// @ts-check
/** Start the explorer: unpack its table, set up its controls, and draw it. */
import { derive } from "#axes.js";
import { setUpCase } from "#case.js";
import { unpacked } from "#columns.js";
import { button, make, part } from "#dom.js";
import { asCases, asCsv, save } from "#download.js";
import { setUpFacets } from "#facets.js";
import { setUpKeys } from "#keys.js";
import { setUpPivot } from "#pivot.js";
import { select } from "#query.js";
import { read, START } from "#state.js";
import { View } from "#view.js";

/** @import { Settings } from "#axes.js" */

/** Example queries, each with its meaning. */
const EXAMPLES = /** @type {const} */ ([
  ["listing:unlisted", "mismatches not listed"],
  ["listing:known", "known deviations"],
  ["stride_h:>1 padding:same", "strided, padding same"],
  ["dtype:*float16 -listing:fine", "what fails in half precision"],
  ["kernel_w:[2 TO 3] (variant:eager OR variant:xla)", "small kernels, two modes"],
  ["suite:gradients", "derivatives"],
]);

/** @param {View} view */
function setUp(view) {
  const line = part("explorer-query", HTMLInputElement);
  line.addEventListener("input", () => view.type(line.value));
  part("explorer-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    view.go({ q: line.value, page: 1 });
  });
  part("explorer-clear", HTMLButtonElement).addEventListener("click", () => {
    view.go({ q: "", page: 1 });
    line.focus();
  });
  const wide = part("explorer-columns", HTMLInputElement);
  wide.addEventListener("change", () => view.go({ columns: wide.checked ? "all" : "" }));
  const saved = (/** @type {string} */ id, /** @type {typeof asCsv} */ made, /** @type {string} */ name) =>
    part(id, HTMLButtonElement).addEventListener("click", () =>
      save(made(view.table, view.settings, view.order), name),
    );
  saved("explorer-csv", asCsv, "checks.csv");
  saved("explorer-cases", asCases, "cases.txt");
  line.form?.after(part("explorer-status", HTMLElement)); // below the query, so that its length moves no field
  part("explorer-narrow", HTMLDetailsElement).open = matchMedia("(min-width: 52rem)").matches;
  part("explorer-examples", HTMLElement).append(...examples(view));
  setUpFacets(part("explorer-facets", HTMLElement), view);
  setUpPivot(view);
  setUpCase(view);
  setUpKeys();
  addEventListener("popstate", () => show(view));
}

/** Return buttons for the first three example queries that select some but not all checks. @param {View} view */
function examples(view) {
  const fitting = EXAMPLES.filter(([query]) => {
    try {
      const found = select(view.table, view.settings.axes, query);
      return found.includes(1) && found.includes(0);
    } catch {
      return false; // the table has no such field
    }
  });
  return fitting.slice(0, 3).map(([query, meaning]) => {
    const act = () => view.go({ q: query, page: 1 });
    return button(act, { class: "example" }, `${meaning} `, make("code", {}, query));
  });
}

/** Draw the state in the URL, if the URL has one for the explorer. @param {View} view */
function show(view) {
  const state = read(location.hash);
  if (!state) return;
  clearTimeout(view.typing);
  view.state = state;
  view.render();
  comeInView(view);
}

/** Scroll to the explorer if the URL has a selection and the explorer is out of view. @param {View} view */
function comeInView({ state }) {
  const place = part("explorer", HTMLElement);
  const { top } = place.getBoundingClientRect();
  if (!state.case && (state.q || state.sort || state.pivot) && (top < 0 || top > innerHeight / 2))
    place.scrollIntoView();
}

async function start() {
  const status = part("explorer-status", HTMLElement);
  const settings = /** @type {Settings} */ (JSON.parse(part("explorer-settings", HTMLScriptElement).text));
  try {
    const payload = part("explorer-data", HTMLScriptElement);
    const table = await unpacked(payload.text);
    payload.remove(); // megabytes of text that are not needed any more
    derive(table, settings);
    const view = new View(table, settings);
    part("explorer-app", HTMLElement).hidden = false;
    setUp(view);
    view.state = read(location.hash) ?? { ...START };
    view.render();
    comeInView(view);
    performance.mark("explorer-ready");
  } catch (error) {
    part("explorer-app", HTMLElement).hidden = true;
    status.textContent = `The checks of this page cannot be unpacked (${error instanceof Error ? error.message : error}); the rest of the page is complete.`;
    status.classList.add("alarm");
    throw error;
  }
}

await start();

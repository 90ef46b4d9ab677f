// @ts-check
/** The dialog that shows one check in full. */
import { caseId } from "#axes.js";
import { inflated, shownAt } from "#columns.js";
import { cutForTable, cutIfVeryLong, make, orNone, part, thousands } from "#dom.js";
import { rerunCommands } from "#rerun.js";
import { markOf } from "#table.js";

/** @import { View } from "#view.js" */

/** The chunks of fragments that were unpacked, by number. @type {Map<number, Promise<string[]>>} */
const chunks = new Map();

/** @param {View} view */
export function setUpCase(view) {
  const dialog = part("explorer-case", HTMLDialogElement);
  part("explorer-close", HTMLButtonElement).addEventListener("click", () => dialog.close());
  // Escape, the button and a click outside the dialog all end here. The browser restores the focus.
  dialog.addEventListener("close", () => view.state.case && view.go({ case: "" }));
  dialog.addEventListener("click", ({ target }) => {
    // A link to a rule leads to a part of the page that the dialog covers, and is an entry of the history itself.
    const isRule = target instanceof Element && target.closest("a.rule") !== null;
    if (isRule) view.state = { ...view.state, case: "" };
    if (isRule || target === dialog) dialog.close();
  });
  for (const [id, step] of /** @type {const} */ ([
    ["explorer-before", -1],
    ["explorer-after", 1],
  ])) {
    part(id, HTMLButtonElement).addEventListener("click", () => turn(view, step));
  }
}

/**
 * @param {View} view
 * @param {-1 | 1} step
 */
function turn(view, step) {
  const row = view.rowOf(view.state.case);
  const next = view.order[view.order.indexOf(row) + step];
  if (row >= 0 && next !== undefined) view.go({ case: view.keyOf(next) });
}

/**
 * Scroll to a case that has a place elsewhere on the page, and return whether it has one.
 * The smallest case of a cause may come from shrinking. Then no check of the run has it, but the page still shows it.
 * @param {View} view
 */
function toElsewhere(view) {
  const place = document.querySelector(`[id^="case=${CSS.escape(view.state.case.split("/")[0])}"]`);
  if (!place) return false;
  for (let fold = place.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null)
    fold.open = true;
  place.scrollIntoView();
  view.state = { ...view.state, case: "" };
  return true;
}

/** @param {View} view */
export function renderCase(view) {
  const dialog = part("explorer-case", HTMLDialogElement);
  if (!view.state.case) {
    if (dialog.open) dialog.close();
    return;
  }
  const row = view.rowOf(view.state.case);
  const place = view.order.indexOf(row);
  part("explorer-before", HTMLButtonElement).disabled = place <= 0;
  part("explorer-after", HTMLButtonElement).disabled = place < 0 || place >= view.order.length - 1;
  const title = part("explorer-title", HTMLElement);
  const body = part("explorer-full", HTMLElement);
  if (row < 0 && toElsewhere(view)) return;
  if (row < 0) {
    title.textContent = "No such check";
    body.replaceChildren(make("p", {}, `No check of this page has the hash ${cutForTable(view.state.case)}.`));
  } else {
    const counted = `Check ${thousands(place + 1)} of ${thousands(view.order.length)} selected`;
    title.textContent = place < 0 ? "A check outside the selection" : counted;
    body.replaceChildren(...summary(view, row));
    const at = view.settings.details.indexOf(row);
    if (at >= 0) void showFragment(view, at, body);
    else body.append(...plain(view, row));
  }
  if (!dialog.open) dialog.showModal();
  body.scrollTop = 0;
}

/**
 * @param {View} view
 * @param {number} row
 */
function summary(view, row) {
  const { table, settings } = view;
  const category = table.columns.get("category");
  const sentence = make(
    "p",
    { class: "case-summary" },
    markOf(row, view),
    " ",
    make("strong", {}, category ? shownAt(category, row) : ""),
  );
  for (const name of ["suite", "variant", "cell"]) {
    const column = table.columns.get(name);
    if (column) sentence.append(make("span", {}, `, ${name} `, make("bdi", {}, orNone(shownAt(column, row)))));
  }
  const id = make(
    "p",
    { class: "id" },
    make("code", {}, make("bdi", {}, cutIfVeryLong(caseId(table, settings.axes, row)))),
    make("span", { class: "quiet" }, ` ${view.keyOf(row).split("/")[0]}`),
  );
  const others = view.alike(row).map((other) => {
    const words = ["cell", "suite", "variant", "category"].flatMap((name) => {
      const column = table.columns.get(name);
      return column ? [shownAt(column, other)] : [];
    });
    const href = view.addressOf({ case: view.keyOf(other) });
    return make("li", {}, make("a", { href }, make("bdi", {}, cutForTable(words.join(", ")))));
  });
  if (!others.length) return [sentence, id];
  const name = `The same case in ${thousands(others.length)} other ${others.length === 1 ? "check" : "checks"}`;
  return [sentence, id, make("details", {}, make("summary", {}, name), make("ul", {}, ...others))];
}

/**
 * Return what the columns say about a check that has no fragment of its own, and its commands.
 * @param {View} view
 * @param {number} row
 */
function plain(view, row) {
  const facts = make("dl", { class: "facts" });
  for (const column of view.table.columns.values()) {
    const own = column.kind !== "codes" || column.of === column.name;
    if (own && column.name !== "category" && shownAt(column, row) !== "") {
      facts.append(
        make(
          "div",
          {},
          make("dt", {}, column.name),
          make("dd", {}, make("bdi", {}, cutIfVeryLong(shownAt(column, row)))),
        ),
      );
    }
  }
  const [again, explained] = rerunCommands(view.table, view.settings, row);
  return [
    facts,
    make("h3", {}, "Run it again"),
    make("pre", { class: "code", tabindex: "0", "aria-label": "command that runs the check again" }, again),
    make("h3", {}, "What must come out, and why"),
    make("pre", { class: "code", tabindex: "0", "aria-label": "command that explains" }, explained),
  ];
}

/**
 * Add the fragment with the number `at` to the body as soon as it is unpacked.
 * @param {View} view
 * @param {number} at
 * @param {HTMLElement} body
 */
async function showFragment(view, at, body) {
  const waiting = make("div", { class: "full", "aria-busy": "true" }, "Unpacking …");
  body.append(waiting);
  try {
    const number = Math.floor(at / view.settings.chunk);
    const chunk = chunks.get(number) ?? unpackedChunk(number);
    chunks.set(number, chunk);
    const markup = (await chunk)[at % view.settings.chunk] ?? "";
    // The markup was rendered and escaped when the page was built, and a parsed document runs no script.
    const parsed = new DOMParser().parseFromString(markup, "text/html");
    waiting.replaceChildren(...parsed.body.childNodes);
  } catch {
    waiting.replaceChildren(
      "The full view of this check is broken in this page; build the page again from its ledger.",
    );
  }
  waiting.removeAttribute("aria-busy");
}

/**
 * @param {number} number
 * @returns {Promise<string[]>}
 */
async function unpackedChunk(number) {
  const bytes = await inflated(part(`explorer-chunk-${number}`, HTMLScriptElement).text);
  return JSON.parse(new TextDecoder().decode(bytes));
}

// @ts-check
/** The keys of the explorer: / goes to the query, arrows move between checks. */
import { part } from "#dom.js";

const FIELDS = "input, select, textarea, [contenteditable]";

/**
 * Return whether a key is meant for the place that has the focus, or comes with a modifier.
 * @param {KeyboardEvent} event
 */
function isTaken(event) {
  const typing = event.target instanceof HTMLElement && event.target.closest(FIELDS) !== null;
  return event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing;
}

/** Move the focus to the query, and select its text. */
function goToQuery() {
  const line = part("explorer-query", HTMLInputElement);
  line.focus();
  line.select();
  line.scrollIntoView({ block: "center" });
}

/**
 * Move the focus to the check above or below the one that has it, and return whether there is one.
 * @param {-1 | 1} step
 */
function moveInTable(step) {
  const row = document.activeElement?.closest("#explorer-rows tr");
  const next = step > 0 ? row?.nextElementSibling : row?.previousElementSibling;
  const link = next?.querySelector("a");
  link?.focus();
  return Boolean(link);
}

/**
 * Open the check before or after the one in the dialog, if the dialog is open.
 * @param {"explorer-before" | "explorer-after"} id
 */
function turn(id) {
  if (!part("explorer-case", HTMLDialogElement).open) return false;
  part(id, HTMLButtonElement).click();
  return true;
}

/** What each key does; it returns false if the key has no meaning where the reader is. */
const KEYS = /** @type {Record<string, () => boolean>} */ ({
  "/": () => {
    if (part("explorer-case", HTMLDialogElement).open) return false;
    goToQuery();
    return true;
  },
  ArrowDown: () => moveInTable(1),
  ArrowUp: () => moveInTable(-1),
  ArrowRight: () => turn("explorer-after"),
  ArrowLeft: () => turn("explorer-before"),
});

/** Listen to the keys of the whole page. */
export function setUpKeys() {
  addEventListener("keydown", (event) => {
    if (!isTaken(event) && KEYS[event.key]?.()) event.preventDefault();
  });
}

// @ts-check
/** The grid of cells and causes: a line says which cell the mouse or the focus is on, with its versions and tier. */
(() => {
  const table = document.querySelector("table.causes-by-cell");
  const line = document.getElementById("grid-column");
  if (!(table instanceof HTMLTableElement) || !line) return;
  const names = table.tHead?.querySelector("tr.names")?.children;
  const hint = line.textContent ?? "";
  line.hidden = false;
  // The names stay at the top, and must not cover a link that gets the focus.
  const box = table.closest(".scroll");
  const height = table.tHead?.querySelector("tr.names")?.getBoundingClientRect().height ?? 0;
  if (box instanceof HTMLElement) box.style.scrollPaddingTop = `${height}px`;

  /** Write the facts of the column of a cell of the table, and mark the column. @param {EventTarget | null} target */
  function describe(target) {
    const cell = target instanceof Element ? target.closest("tr:not(.of-line) > :is(td, th)") : null;
    const column = cell instanceof HTMLTableCellElement ? cell.cellIndex : 0;
    const head = names?.[column];
    const facts = head instanceof HTMLElement ? (head.dataset.facts ?? "") : "";
    if (line) line.textContent = facts || hint;
    for (const one of names ?? []) one.classList.toggle("pointed", Boolean(facts) && one === head);
  }
  table.addEventListener("pointerover", (event) => describe(event.target));
  table.addEventListener("focusin", (event) => describe(event.target));
  table.addEventListener("pointerleave", () => describe(table.querySelector(":focus")));
  table.addEventListener("focusout", () => describe(null));
})();

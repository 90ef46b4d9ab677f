// @ts-check
/** The filter of the causes by owner and severity: in the tables of the summary, in its folds, and in the grid of cells. */
(() => {
  const form = document.getElementById("cause-filter");
  const status = document.getElementById("cause-filter-status");
  const summary = form?.closest("section");
  if (!(form instanceof HTMLFormElement) || !status || !summary) return;
  const rows = [...summary.querySelectorAll("table.causes tbody tr")].filter((row) => row instanceof HTMLElement);
  const folds = [...summary.querySelectorAll("details:has(table.causes)")].filter(
    (fold) => fold instanceof HTMLDetailsElement,
  );
  const lines = [...summary.querySelectorAll("p.line[data-kind]")].filter((line) => line instanceof HTMLElement);
  const grid = document.querySelector("table.causes-by-cell");
  const inGrid = [...(grid?.querySelectorAll("tbody tr") ?? [])].filter((row) => row instanceof HTMLElement);
  const note = grid?.closest("section")?.querySelector(".filter-note");
  const selects = [...form.querySelectorAll("select")];
  const nits = rows.filter((row) => row.dataset.kind === "nit").length;
  const wasOpen = new Map(folds.map((fold) => [fold, fold.open])); // as they are without a filter
  if (rows.length < 2) return;

  /** Add an option for each value that the rows have, with its number of causes. @param {HTMLSelectElement} select */
  function fill(select) {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const row of rows) {
      const value = row.dataset[select.name] ?? "";
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const order = select.name === "owner" ? [...counts].sort(([a], [b]) => a.localeCompare(b)) : [...counts];
    for (const [value, count] of order) select.add(new Option(`${value} (${count})`, value));
  }

  /** Write how many rows of a place match, or nothing without a filter. @param {Element} place @param {string} words */
  function writeCount(place, words) {
    let mark = place.querySelector(":scope > .matches");
    if (!mark) {
      mark = document.createElement("b");
      mark.className = "matches";
      place.append(mark);
    }
    mark.textContent = words && ` ${words}`;
  }

  /** Say above the grid which of its rows the filter leaves, with a button that ends it. @param {string[]} chosen */
  function noteInGrid(chosen) {
    if (!(note instanceof HTMLElement)) return;
    note.hidden = !chosen.length;
    const shown = inGrid.filter((row) => !row.hidden).length;
    const end = document.createElement("button");
    [end.type, end.textContent] = ["button", "show all"];
    end.addEventListener("click", () => {
      if (form instanceof HTMLFormElement) form.reset();
      const box = grid?.closest(".scroll");
      if (box instanceof HTMLElement) box.focus({ preventScroll: true }); // the button goes
    });
    note.replaceChildren(`${shown} of ${inGrid.length} causes shown: ${chosen.join(", ")}. `, end);
  }

  function apply() {
    const chosen = selects.filter((select) => select.value);
    for (const row of [...rows, ...inGrid])
      row.hidden = chosen.some((select) => row.dataset[select.name] !== select.value);
    const shown = rows.filter((row) => !row.hidden).length;
    for (const line of lines) {
      const inside = rows.filter((row) => row.dataset.kind === line.dataset.kind);
      const matching = inside.filter((row) => !row.hidden).length;
      writeCount(line, chosen.length ? `${matching || "None"} of ${inside.length} shown.` : "");
    }
    noteInGrid(chosen.map((select) => select.value));
    for (const table of summary?.querySelectorAll("table.causes") ?? []) {
      const box = table.closest(".scroll");
      if (box instanceof HTMLElement) box.hidden = !table.querySelector("tbody tr:not([hidden])");
    }
    for (const fold of folds) {
      const inside = [...fold.querySelectorAll("table.causes tbody tr")];
      const matching = inside.filter((row) => row instanceof HTMLElement && !row.hidden).length;
      const place = fold.querySelector("summary");
      if (place) writeCount(place, chosen.length ? `${matching || "none"} of ${inside.length} shown` : "");
      fold.open = chosen.length ? matching > 0 : (wasOpen.get(fold) ?? false);
    }
    const left = rows.length - shown;
    if (status)
      status.textContent = chosen.length
        ? `${shown} of ${rows.length} causes shown, ${left} left out by the filter.`
        : `All ${rows.length} causes${nits ? `, ${nits} of them ${nits === 1 ? "a nit" : "nits"} of wording or types` : ""}.`;
  }

  for (const select of selects) fill(select);
  form.addEventListener("change", apply);
  form.addEventListener("reset", () => setTimeout(apply)); // after the selects have their first value again
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  form.reset();
})();

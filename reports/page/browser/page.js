// @ts-check
/** What the page does beside the explorer: copy code, show times in the reader's zone, open what is printed. */
(() => {
  const SHOWN = 2000; // milliseconds for which a button says that it copied

  /** @param {string} text */
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return false; // no permission, or an old browser
    }
  }

  /** Select the text, so that the reader can copy it with the keyboard. @param {HTMLElement} place */
  function choose(place) {
    for (let fold = place.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null)
      fold.open = true;
    getSelection()?.selectAllChildren(place);
    place.scrollIntoView({ block: "nearest" });
  }

  for (const button of document.querySelectorAll("button.copy")) {
    if (!(button instanceof HTMLButtonElement)) continue;
    const place = document.getElementById(button.dataset.copy ?? "");
    if (!place) continue;
    const words = button.textContent ?? "";
    button.hidden = false;
    button.addEventListener("click", async () => {
      const done = await copy(place.textContent ?? "");
      if (!done) choose(place);
      button.textContent = done ? "copied" : "press Ctrl+C";
      setTimeout(() => {
        button.textContent = words;
      }, SHOWN);
    });
  }

  for (const time of document.querySelectorAll("time")) {
    const when = new Date(time.dateTime);
    if (Number.isNaN(when.valueOf())) continue;
    time.title = time.textContent ?? "";
    time.textContent = when.toLocaleString(undefined, { dateStyle: "long", timeStyle: "short" });
  }

  /** Open the folds around the place that the address names. */
  function unfold() {
    let name = location.hash.slice(1);
    try {
      name = decodeURIComponent(name);
    } catch {
      // a lone per cent sign: the name is taken as it is
    }
    const place = name ? document.getElementById(name) : null;
    for (let fold = place?.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null)
      fold.open = true;
    if (name.startsWith("cause=")) place?.scrollIntoView();
  }
  addEventListener("hashchange", unfold);
  unfold();

  addEventListener("beforeprint", () => {
    for (const fold of document.querySelectorAll("details.printed"))
      if (fold instanceof HTMLDetailsElement) fold.open = true;
  });
})();

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

  /** Return what a button copies: the place that it names, or the text beside it. @param {HTMLButtonElement} button */
  function placeOf(button) {
    const place = document.getElementById(button.dataset.copy ?? "") ?? button.parentElement?.querySelector("pre");
    return place instanceof HTMLElement ? place : null;
  }

  for (const button of document.querySelectorAll("button.copy"))
    if (button instanceof HTMLButtonElement && placeOf(button)) button.hidden = false;
  document.addEventListener("click", async ({ target }) => {
    const button = target instanceof Element ? target.closest("button.copy") : null;
    const place = button instanceof HTMLButtonElement ? placeOf(button) : null;
    if (!(button instanceof HTMLButtonElement) || !place || button.ariaDisabled) return;
    const words = button.textContent ?? "";
    const done = await copy(place.textContent ?? "");
    if (!done) choose(place);
    button.style.minWidth = `${button.offsetWidth}px`; // so that nothing moves
    // Not disabled: that would take the focus away.
    [button.textContent, button.ariaDisabled] = [done ? "copied" : "press Ctrl+C", "true"];
    setTimeout(() => {
      [button.textContent, button.ariaDisabled] = [words, null];
    }, SHOWN);
  });

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

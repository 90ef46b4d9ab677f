// @ts-check
/** The list of sections: it marks the section on the screen, and on a narrow screen shows that it goes on. */
(() => {
  const bar = document.querySelector("nav.sections");
  const list = bar?.querySelector("ul");
  if (!bar || !list) return;
  const STEP = 0.7; // of the visible part that a click on an arrow moves

  /** @param {string} sign @param {string} words @param {number} direction */
  function addArrow(sign, words, direction) {
    const arrow = document.createElement("button");
    arrow.type = "button";
    arrow.className = `arrow ${direction < 0 ? "earlier" : "later"}`;
    arrow.textContent = sign;
    arrow.setAttribute("aria-label", words);
    arrow.addEventListener("click", () => {
      if (list) list.scrollBy({ left: direction * STEP * list.clientWidth, behavior: "smooth" });
    });
    bar?.append(arrow);
    return arrow;
  }
  const earlier = addArrow("‹", "Earlier sections", -1);
  const later = addArrow("›", "Further sections", 1);

  function showArrows() {
    if (!list) return;
    earlier.hidden = list.scrollLeft < 2;
    later.hidden = list.scrollLeft + list.clientWidth > list.scrollWidth - 2;
  }
  list.addEventListener("scroll", showArrows);
  new ResizeObserver(showArrows).observe(list);

  /** Move the list sideways so that the link is whole on the screen. @param {Element} link */
  function reveal(link) {
    for (const _ of [1, 2]) {
      // An arrow that appears takes the room of a link.
      if (!list || list.scrollWidth <= list.clientWidth) return;
      const [outer, inner] = [list.getBoundingClientRect(), link.getBoundingClientRect()];
      list.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
      showArrows();
    }
  }

  const links = new Map(
    [...bar.querySelectorAll("a")].map((link) => [link.getAttribute("href")?.slice(1) ?? "", link]),
  );
  /** The links of the sections in the upper part of the screen. @type {Set<Element>} */
  const inView = new Set();
  /** @type {Element | undefined} */
  let current;

  /** Mark the links of the sections in view; at the end of the page the last one, which may be too short to be. */
  function mark() {
    const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    const last = atEnd ? [...links.values()].at(-1) : undefined;
    const marked = last ? new Set([last]) : inView;
    for (const link of links.values())
      if (marked.has(link)) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    const first = [...marked][0];
    if (first && first !== current) reveal(first);
    current = first;
  }

  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const link = links.get(target.getAttribute("aria-labelledby")?.replace("-heading", "") ?? "");
        if (link && isIntersecting) inView.add(link);
        else if (link) inView.delete(link);
      }
      mark();
    },
    { rootMargin: "-20% 0px -75% 0px" },
  );
  for (const section of document.querySelectorAll("main > section[aria-labelledby]")) seen.observe(section);
  addEventListener("scrollend", mark);
})();

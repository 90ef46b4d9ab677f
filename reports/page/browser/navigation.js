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
    if (!list || list.scrollWidth <= list.clientWidth) return;
    const [outer, inner] = [list.getBoundingClientRect(), link.getBoundingClientRect()];
    list.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
  }

  const links = new Map(
    [...bar.querySelectorAll("a")].map((link) => [link.getAttribute("href")?.slice(1) ?? "", link]),
  );
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const link = links.get(target.getAttribute("aria-labelledby")?.replace("-heading", "") ?? "");
        if (isIntersecting && link) reveal(link);
        if (isIntersecting) link?.setAttribute("aria-current", "true");
        else link?.removeAttribute("aria-current");
      }
    },
    { rootMargin: "-20% 0px -75% 0px" },
  );
  for (const section of document.querySelectorAll("main > section[aria-labelledby]")) seen.observe(section);

  // The last sections may be too short to reach the top of the screen.
  addEventListener("scrollend", () => {
    const last = [...links.values()].at(-1);
    const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    if (!last || !atEnd) return;
    for (const link of links.values()) link.toggleAttribute("aria-current", false);
    last.setAttribute("aria-current", "true");
    reveal(last);
  });
})();

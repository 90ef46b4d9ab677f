// @ts-check
/** Link the ids of rules, such as R8, in an answer to the section of the page that says what they are. */
import { make } from "#dom.js";

const IDS = /\b([ACEGMRSV]\d{1,2})\b/;

/**
 * Make a link of every id of a rule in the text of a place, where the page has that rule.
 * @param {Element} place
 */
export function linkRules(place) {
  const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  /** @type {Text[]} */
  const texts = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node instanceof Text && IDS.test(node.data) && !node.parentElement?.closest("a, code, pre, svg"))
      texts.push(node);
  }
  for (const text of texts) text.replaceWith(...text.data.split(IDS).map(linkRule));
}

/** Return a link for the id of a rule, and any other text as it is. @param {string} text */
function linkRule(text) {
  const rule = IDS.test(text) && document.getElementById(`rule-${text}`);
  const title = rule ? (rule.querySelector("dd")?.textContent ?? "") : "";
  return rule ? make("a", { class: "rule", href: `#${rule.id}`, title }, text) : text;
}

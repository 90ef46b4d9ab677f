// @ts-check
/** The first sentence about a layer: which deviations of the page match it, and which do not by one condition. */
import { make } from "#dom.js";

/** @import { Cause, Match, Miss } from "#layer_causes.js" */

const MOST_NAMED = 4; // causes that the sentence names

/**
 * Return the sentences: how many deviations match, with their titles as links, and the near misses in a fold.
 * @param {Match[]} matches
 * @param {Miss[]} misses
 * @param {number} compared the number of causes that have a region
 * @returns {HTMLElement[]}
 */
export function makeVerdict(matches, misses, compared) {
  if (!compared) return [];
  const own = matches.filter(({ always }) => !always);
  const every = matches.length - own.length;
  const sure = own.filter((match) => match.sure);
  const known = sure.filter(({ cause }) => cause.listed);
  const unlisted = sure.filter(({ cause }) => !cause.listed);
  const open = own.filter((match) => !match.sure);
  const sentences = [
    ...sentence(known, "known deviation matches this layer", "known deviations match this layer"),
    ...sentence(unlisted, "deviation that is not listed matches it", "deviations that are not listed match it"),
    ...sentence(
      open,
      "may match, depending on the mode or a field left open",
      "may match, depending on the mode or a field left open",
    ),
  ];
  if (!sure.length) sentences.unshift("No known deviation matches this layer. ");
  const others = compared - matches.length;
  const uses = every ? `${every} ${every === 1 ? "is" : "are"} about certain uses of any layer. ` : "";
  const rest = `${uses}${others} of the ${compared} causes on this page ${others === 1 ? "does" : "do"} not match.`;
  sentences.push(make("span", { class: "quiet" }, rest));
  return [
    make("p", { class: own.length ? "layer-verdict matched" : "layer-verdict" }, ...sentences),
    ...makeMisses(misses),
  ];
}

/**
 * Return a sentence that counts and names causes, or nothing if there are none.
 * @param {Match[]} matches
 * @param {string} one
 * @param {string} several
 * @returns {(string | HTMLElement)[]}
 */
function sentence(matches, one, several) {
  if (!matches.length) return [];
  const named = matches.slice(0, MOST_NAMED).flatMap(({ cause }, at) => [at ? "; " : "", linkTo(cause)]);
  const more = matches.length > MOST_NAMED ? `; and ${matches.length - MOST_NAMED} more below` : "";
  return [`${matches.length} ${matches.length === 1 ? one : several}: `, ...named, `${more}. `];
}

/**
 * Return a fold with the causes that do not match by one condition.
 * @param {Miss[]} misses
 */
function makeMisses(misses) {
  if (!misses.length) return [];
  const items = misses.map(({ cause, needs }) =>
    make("li", {}, linkTo(cause), " needs ", make("b", {}, make("bdi", {}, needs)), "."),
  );
  const count = misses.length === 1 ? "1 deviation" : `${misses.length} deviations`;
  const summary = make("summary", {}, `${count} would match if one more condition held`);
  return [make("details", { class: "layer-misses" }, summary, make("ul", {}, ...items))];
}

/** @param {Cause} cause */
function linkTo(cause) {
  return make("a", { href: `#${cause.anchor}` }, make("bdi", {}, cause.title));
}

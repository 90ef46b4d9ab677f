// @ts-check
/** Show which cells of an axis belong together: an output cell with its inputs and taps, and back. */
import { make } from "#dom.js";
import { pairsOf, sumInWords } from "#layer_drawing.js";

/** @import { Axis } from "#layer_shape.js" */
/** The cells that belong to one cell, such as x0, w2 and y1, and the sentence about it. @typedef {{ cells: Set<string>, words: string }} Links */

const HINT = "Point at a cell, or use the arrow keys, to see which products make an output.";

/**
 * Return the cells that belong to a cell: x is the input, w the kernel, y the output.
 * @param {Axis} axis
 * @param {string} cell such as x0, w2 or y1
 * @returns {Links}
 */
export function linksOf(axis, cell) {
  const [letter, index] = [cell[0], Number(cell.slice(1))];
  if (letter === "y") {
    const pairs = pairsOf(axis, index);
    return { cells: new Set([cell, ...pairs.flatMap(([i, j]) => [`x${i}`, `w${j}`])]), words: sumInWords(axis, index) };
  }
  const products = letter === "x" ? productsOf(axis, [index], range(axis.k)) : productsOf(axis, range(axis.n), [index]);
  const inside = products.filter(({ t }) => t >= 0 && t < axis.m);
  const other = inside.map(({ i, j }) => (letter === "x" ? `w${j}` : `x${i}`));
  return {
    cells: new Set([cell, ...other, ...inside.map(({ t }) => `y${t}`)]),
    words: `${letter}[${index}] adds to ${listed(inside.map(({ t }) => t))}${cutInWords(products.length - inside.length)}`,
  };
}

/**
 * @param {Axis} axis
 * @param {number[]} inputs
 * @param {number[]} taps
 */
function productsOf({ s, d, front }, inputs, taps) {
  return inputs.flatMap((i) => taps.map((j) => ({ i, j, t: i * s + j * d - front })));
}

/** @param {number[]} outputs */
function listed(outputs) {
  const sorted = [...new Set(outputs)].sort((one, other) => one - other);
  const shown = sorted.slice(0, 8).map((t) => `y[${t}]`);
  return shown.length ? `${shown.join(", ")}${sorted.length > 8 ? ", ..." : ""}` : "no output cell";
}

/** @param {number} count */
function cutInWords(count) {
  if (!count) return "";
  return `; ${count} of its products ${count === 1 ? "is" : "are"} cut off`;
}

/** @param {number} count */
function range(count) {
  return Array.from({ length: Math.max(count, 0) }, (_, at) => at);
}

/**
 * Return the picture with a line below it that says what belongs to the cell under the pointer.
 * @param {SVGElement} picture
 * @param {Axis} axis
 * @param {string} name
 */
export function linkCells(picture, axis, name) {
  const words = make("p", { class: "note", role: "status" }, HINT);
  const place = make("div", { class: "linked", tabindex: "0", role: "group", "aria-label": `Cells of ${name}` });
  let output = -1;
  const show = (/** @type {string} */ cell) => {
    const links = linksOf(axis, cell);
    for (const one of picture.querySelectorAll("[data-cell]"))
      one.classList.toggle("belongs", links.cells.has(one.getAttribute("data-cell") ?? ""));
    words.textContent = links.words;
    if (cell[0] === "y") output = Number(cell.slice(1));
  };
  const point = (/** @type {Event} */ event) => {
    const cell = event.target instanceof Element && event.target.closest("[data-cell]")?.getAttribute("data-cell");
    if (cell) show(cell);
  };
  picture.addEventListener("pointerover", point);
  picture.addEventListener("click", point);
  place.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || !axis.m) return;
    show(`y${Math.min(Math.max(output + step, 0), axis.m - 1)}`);
    event.preventDefault();
  });
  place.append(picture, words);
  return place;
}

// @ts-check
/** Plan the drawing of one axis: which cells stand in which columns. A column is one cell of the full extent (V1). */

/** @import { Axis } from "#layer_shape.js" */
/** @typedef {{ column: number, kind: string, text: string, title: string }} Cell */
/** The letter of a track is that of its cells in a sum: x, w or y, or empty. @typedef {{ name: string, label: string, letter: string, cells: Cell[] }} Track */
/** @typedef {{ columns: number, tracks: Track[], notes: string[], words: string }} Drawing */
/** The cells of a track by column: kind, text and title. @typedef {Map<number, [kind: string, text: string, title: string]>} Cells */

const COLUMNS = 20; // the most columns; of a longer axis only the first and the last are drawn
const FRONT = 12;
const DRAWN = 200_000; // products of an axis that is still drawn; a browser would stop for seconds

/**
 * Return whether an axis is small enough to be drawn.
 * @param {Axis} axis
 */
export function isDrawable({ n, k, m }) {
  return Math.max(n, m, k) <= 5000 && Math.max(n, m) * k <= DRAWN;
}

/**
 * Return the drawing of an axis whose lengths are not negative.
 * @param {Axis} axis
 * @param {number} cell the input cell whose taps are shown
 * @returns {Drawing}
 */
export function planDrawing(axis, cell = 0) {
  const extent = Math.max(axis.full, axis.front + axis.m, 1);
  const leftOut = extent > COLUMNS ? extent - COLUMNS + 1 : 0;
  const tracks = tracksOf(axis, Math.min(cell, Math.max(axis.n - 1, 0))).map(({ name, label, letter, cells }) => ({
    ...{ name, label, letter },
    cells: placed(cells, leftOut),
  }));
  const kinds = new Set(tracks.flatMap((track) => track.cells.map(({ kind }) => kind)));
  const notes = [];
  if (kinds.has("gained")) notes.push("Dotted in the output: there for output_padding.");
  if (kinds.has("bare")) notes.push("A thin outline in the output: no tap reaches it, it has the bias alone.");
  if (leftOut) notes.push(`${leftOut} of ${extent} columns are left out; the drawing shows the first and the last.`);
  const words = `${tracks.map(({ name, label }) => `${name}: ${label}`).join("; ")}.`;
  return { columns: leftOut ? COLUMNS : extent, tracks, notes, words: [words, ...notes].join(" ") };
}

/**
 * Return the cells that are drawn, each in its column of the drawing.
 * @param {Cells} cells
 * @param {number} leftOut
 * @returns {Cell[]}
 */
function placed(cells, leftOut) {
  const found = [];
  let hidden = false;
  for (const [at, [kind, text, title]] of [...cells].sort(([one], [other]) => one - other)) {
    const column = !leftOut || at < FRONT ? at : at - leftOut + 1;
    if (column === at || column > FRONT) found.push({ column, kind, text, title });
    else hidden = true;
  }
  return hidden ? [...found, { column: FRONT, kind: "left-out", text: "...", title: "" }] : found;
}

/**
 * Return the pairs of an input cell and a tap that add to an output cell of the axis (V1, V2).
 * @param {Axis} axis
 * @param {number} t
 * @returns {[i: number, j: number][]}
 */
export function pairsOf({ n, k, s, d, front }, t) {
  /** @type {[number, number][]} */
  const found = [];
  for (let j = 0; j < k; j += 1) {
    const at = t + front - j * d;
    if (at >= 0 && at % s === 0 && at / s < n) found.push([at / s, j]);
  }
  return found;
}

/**
 * @param {Axis} axis
 * @param {number} cell
 */
function tracksOf(axis, cell) {
  const { n, k, s, d, ke, full, m } = axis;
  /** @type {Cells} */
  const input = new Map(indices(n).map((i) => [i, ["input", `${i}`, `x[${i}]`]]));
  /** @type {Cells} */
  const spread = new Map(n ? indices((n - 1) * s + 1).map((at) => [at, ["gap", "", "0"]]) : []);
  for (const i of indices(n)) spread.set(i * s, ["input", `${i}`, `x[${i}]`]);
  /** @type {Cells} */
  const taps = new Map(indices(ke).map((at) => [cell * s + at, ["gap", "", ""]]));
  for (const j of indices(k)) taps.set(cell * s + j * d, ["tap", `${j}`, `x[${cell}] w[${j}]`]);
  const reached = new Set(indices(n).flatMap((i) => indices(k).map((j) => i * s + j * d)));
  const given = { name: "input x", label: counted(n), letter: "x", cells: input };
  const apart = { name: "input, spread", label: `${s} apart (stride)`, letter: "x", cells: spread };
  const tapped = {
    name: `taps w of x[${cell}]`,
    label: `k = ${k}${d > 1 && k > 1 ? `, ${d} apart (dilation)` : ""}`,
    letter: "w",
    cells: taps,
  };
  const label = `${counted(full)}, ${cutInWords(axis)}`;
  const all = { name: "all taps", label, letter: "", cells: wholeExtent(axis, reached) };
  const output = { name: "output y", label: counted(m), letter: "y", cells: outputCells(axis, reached) };
  return n ? [given, ...(s > 1 && n > 1 ? [apart] : []), tapped, all, output] : [given, output];
}

/**
 * Return the cells that the taps reach, with those that are cut.
 * @param {Axis} axis
 * @param {Set<number>} reached
 * @returns {Cells}
 */
function wholeExtent({ full, front, m }, reached) {
  return new Map(
    indices(full).map((at) => {
      if (at < front || at >= front + m) return [at, ["cropped", "", "cut off"]];
      return [at, [reached.has(at) ? "kept" : "gap", "", ""]];
    }),
  );
}

/**
 * @param {Axis} axis
 * @param {Set<number>} reached
 * @returns {Cells}
 */
function outputCells(axis, reached) {
  const { m, front, gained } = axis;
  return new Map(
    indices(m).map((t) => {
      const added = t < gained[0] || t >= m - gained[1];
      const kind = added ? "gained" : reached.has(t + front) ? "output" : "bare";
      return [t + front, [kind, `${t}`, sumInWords(axis, t)]];
    }),
  );
}

/**
 * Return an output cell as the sum of its products, such as "y[3] = x[1] w[2] + x[2] w[0]".
 * @param {Axis} axis
 * @param {number} t
 */
export function sumInWords(axis, t) {
  const products = pairsOf(axis, t).map(([i, j]) => `x[${i}] w[${j}]`);
  return `y[${t}] = ${products.join(" + ") || "the bias alone"}`;
}

/** @param {Axis} axis */
function cutInWords({ full, front, m }) {
  const cut = [Math.min(front, full), Math.max(full - front - m, 0)];
  return cut[0] || cut[1] ? `cut: ${cut[0]} in front, ${cut[1]} at the end` : "none is cut";
}

/** @param {number} count */
function counted(count) {
  return count === 1 ? "1 cell" : `${count} cells`;
}

/** @param {number} count */
function indices(count) {
  return Array.from({ length: Math.max(count, 0) }, (_, at) => at);
}

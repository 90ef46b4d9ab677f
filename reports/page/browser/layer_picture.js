// @ts-check
/** Draw the plan of an axis as SVG, as templates/geometry.html.j2 does for the cases of the page. */

/** @import { Cell, Drawing } from "#layer_drawing.js" */

const NAMESPACE = "http://www.w3.org/2000/svg";
const WIDTH = 300;

/**
 * Return a new SVG element.
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {(Node | string)[]} children
 */
function shape(tag, attributes, ...children) {
  const element = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * Return the picture of an axis.
 * @param {Drawing} drawing
 * @param {string} name
 */
export function makePicture(drawing, name) {
  const size = Math.min(20, WIDTH / drawing.columns);
  const high = drawing.tracks.length * (size + 21);
  const picture = shape("svg", {
    class: "geometry",
    viewBox: `0 0 ${WIDTH} ${high}`,
    role: "img",
    "aria-label": `${name}: ${drawing.words}`,
  });
  drawing.tracks.forEach((track, at) => {
    const y = at * (size + 21);
    const title = shape("tspan", { class: "name" }, track.name);
    picture.append(shape("text", { x: 0, y: y + 11, class: "label" }, title, ` ${track.label}`));
    for (const cell of track.cells) picture.append(...makeCell(cell, track.letter, size, y + 15));
  });
  return picture;
}

/**
 * Return the shapes of a cell; one that has an index in its track has the name of the cell, such as x0, as data-cell.
 * @param {Cell} cell
 * @param {string} letter
 * @param {number} size
 * @param {number} y
 */
function makeCell({ column, kind, text, title }, letter, size, y) {
  const [x, side] = [column * size + 0.5, size - 1.5];
  if (kind === "left-out") return [shape("text", { x: x + side / 2, y: y + size * 0.6 }, text)];
  const words = title ? [shape("title", {}, title)] : [];
  const name = /** @type {Record<string, string>} */ (letter && text ? { "data-cell": `${letter}${text}` } : {});
  const parts = [shape("rect", { x, y, width: side, height: side, class: kind, ...name }, ...words)];
  if (kind === "cropped")
    parts.push(shape("path", { d: `M${x} ${y}l${side} ${side}m0 ${-side}l${-side} ${side}`, class: "cross" }));
  if (text) {
    const look = `in-${kind}${text.length > 2 ? " long" : ""}`;
    parts.push(shape("text", { x: x + side / 2, y: y + size * 0.66, class: look }, text));
  }
  return parts;
}

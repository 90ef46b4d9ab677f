// @ts-check
/** The view: one state, which the URL stores after its #, and the drawing of everything from that state. */
import { renderCase } from "#case.js";
import { explainNoCheck } from "#case_names.js";
import { hashText, shownAt } from "#columns.js";
import { make, part, thousands } from "#dom.js";
import { renderFacets } from "#facets.js";
import { QueryError } from "#fields.js";
import { renderPivot } from "#pivot.js";
import { select } from "#query.js";
import { selection, sorted } from "#rows.js";
import { START, written } from "#state.js";
import { renderTable } from "#table.js";

/** @import { Settings, Listing } from "#axes.js" */
/** @import { Table } from "#columns.js" */
/** @import { Selection } from "#rows.js" */
/** @import { State } from "#state.js" */

const WAIT = 300; // milliseconds after the last key until the query becomes an entry of the history

const NAME = 60; // the number of characters of a name that a link has

/** The table, the state, and the rows that the last valid query selected. */
export class View {
  /**
   * @param {Table} table
   * @param {Settings} settings
   */
  constructor(table, settings) {
    this.table = table;
    this.settings = settings;
    /** @type {State} */
    this.state = { ...START };
    this.query = ""; // the last valid query
    /** @type {Uint8Array} */
    this.mask = new Uint8Array(table.rows).fill(1);
    /** @type {Selection} */
    this.selected = selection(table, this.mask);
    this.order = this.selected.rows;
    this.typing = 0;
    /** The URL hash of what is drawn, without the open check. @type {string | null} */
    this.drawn = null;
  }

  /**
   * Change the state, add an entry to the history, and draw at once.
   * @param {Partial<State>} changes
   */
  go(changes) {
    clearTimeout(this.typing);
    this.state = { ...this.state, ...changes };
    this.remember();
    this.render();
  }

  /** Store the state in the URL. */
  remember() {
    const address = written(this.state);
    if (address !== location.hash) history.pushState(null, "", address || location.pathname + location.search);
  }

  /** @param {Partial<State>} changes */
  addressOf(changes) {
    return written({ ...this.state, ...changes });
  }

  /** Draw the query while it is typed, and add it to the history when the typing pauses. @param {string} q */
  type(q) {
    clearTimeout(this.typing);
    this.state = { ...this.state, q, page: 1 };
    this.render();
    this.typing = setTimeout(() => this.remember(), WAIT);
  }

  /** Draw the state. If the query is not valid, show why and keep the rows. */
  render() {
    const address = this.addressOf({ case: "" });
    // Opening a check redraws nothing else, because the clicked row must exist when the focus returns to it.
    if (address !== this.drawn) this.renderAll();
    this.drawn = address;
    renderCase(this);
  }

  /** Draw everything except the open check. */
  renderAll() {
    const line = part("explorer-query", HTMLInputElement);
    const problem = part("explorer-problem", HTMLElement);
    if (line.value !== this.state.q) line.value = this.state.q;
    try {
      this.mask = select(this.table, this.settings.axes, this.state.q);
      this.query = this.state.q;
      problem.textContent = "";
      line.removeAttribute("aria-invalid");
      this.selected = selection(this.table, this.mask);
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      problem.textContent = error.message;
      line.setAttribute("aria-invalid", "true");
    }
    this.order = sorted(this.table, this.mask, this.selected, this.state.sort);
    part("explorer-columns", HTMLInputElement).checked = this.state.columns === "all";
    renderTable(this);
    const found = this.selected.rows.length > 0;
    const { words, address, cause } = found ? { words: "", address: "", cause: "" } : explainNoCheck(this.query);
    part("explorer-app", HTMLElement).classList.toggle("empty", !found);
    part("explorer-status", HTMLElement).replaceChildren(
      `${sentence(this)}${words}`,
      address && make("a", { href: address }, ` See the cause “${cause}”.`),
    );
    renderFacets(part("explorer-facets", HTMLElement), this);
    renderPivot(this);
  }

  /** @param {number} row */
  open(row) {
    this.go({ case: this.keyOf(row) });
  }

  /**
   * Return the key of a check in a link: the hash of the case, and then cell, suite and mode, which distinguish the
   * checks of one case.
   * @param {number} row
   */
  keyOf(row) {
    const column = this.table.columns.get("hash");
    const hash = column?.kind === "hashes" ? hashText(column.keys[row]) : String(row);
    return [hash, ...["cell", "suite", "variant"].map((name) => this.at(name, row).slice(0, NAME))].join("/");
  }

  /**
   * Return the row of a check's key, or -1 if there is none. For a hash alone, return the first row of the case that
   * deviates, or its first row if none does.
   * @param {string} key
   */
  rowOf(key) {
    const rows = this.rowsOf(key.split("/")[0]);
    const exact = rows.find((row) => this.keyOf(row) === key);
    const deviating = ["unlisted", "known"].flatMap((listing) => rows.filter((row) => this.listing(row) === listing));
    return exact ?? deviating[0] ?? rows[0] ?? -1;
  }

  /** Return the other checks of a row's case. @param {number} row */
  alike(row) {
    return this.rowsOf(this.keyOf(row).slice(0, 10)).filter((other) => other !== row);
  }

  /** Return the rows of the cases whose hash begins so. @param {string} hash 8 to 10 digits */
  rowsOf(hash) {
    const column = this.table.columns.get("hash");
    /** @type {number[]} */
    const found = [];
    if (column?.kind !== "hashes" || !/^[0-9a-f]{8,10}$/.test(hash)) return found;
    const scale = 16 ** (10 - hash.length);
    const first = Number.parseInt(hash, 16) * scale;
    for (const [row, key] of column.keys.entries()) if (key >= first && key < first + scale) found.push(row);
    return found;
  }

  /** @param {number} row @returns {Listing} */
  listing(row) {
    return /** @type {Listing} */ (this.at("listing", row) || "fine");
  }

  /** @param {string} name @param {number} row */
  at(name, row) {
    const column = this.table.columns.get(name);
    return column ? shownAt(column, row) : "";
  }
}

/** @param {View} view */
function sentence({ table, selected, query }) {
  const all = thousands(table.rows);
  const { rows, deviating, fresh } = selected;
  const chosen = rows.length === table.rows ? `All ${all} checks` : `${thousands(rows.length)} of ${all} checks`;
  if (!rows.length) {
    const hint = /\bcategory:/.test(query)
      ? " A known deviation's category is known-deviation: verdict: says what it is."
      : "";
    return `No check of ${all} is selected.${hint}`;
  }
  if (!deviating) return `${chosen}; none of them deviates.`;
  const number = deviating === rows.length && deviating > 1 ? "all" : thousands(deviating);
  const text = `${chosen}; ${number} of them ${deviating === 1 ? "deviates" : "deviate"}`;
  if (!fresh) return `${text}, all listed as known.`;
  return fresh === deviating ? `${text}, none listed as known.` : `${text}, ${thousands(fresh)} of these not listed.`;
}

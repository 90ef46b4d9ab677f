// @ts-check
/** One state, behind the #, and everything on the page drawn from it. */
import { renderCase } from "#case.js";
import { hashText, shownAt } from "#columns.js";
import { part, thousands } from "#dom.js";
import { renderFacets } from "#facets.js";
import { QueryError } from "#fields.js";
import { renderPivot } from "#pivot.js";
import { select } from "#query.js";
import { selection, sorted } from "#rows.js";
import { START, written } from "#state.js";
import { renderTable } from "#table.js";

/** @import { Settings, Standing } from "#axes.js" */
/** @import { Table } from "#columns.js" */
/** @import { Selection } from "#rows.js" */
/** @import { State } from "#state.js" */

const WAIT = 300; // milliseconds after the last key until the query is an entry of the history

const NAME = 60; // letters of a name that a link has

/** What is drawn: the table, the state, and the rows that the last readable query selected. */
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
    this.query = ""; // the last one that could be read
    /** @type {Uint8Array} */
    this.mask = new Uint8Array(table.rows).fill(1);
    /** @type {Selection} */
    this.selected = selection(table, this.mask);
    this.order = this.selected.rows;
    this.typing = 0;
    /** The address of what is drawn, the open question apart. @type {string | null} */
    this.drawn = null;
  }

  /**
   * Another state: a new entry of the history, drawn at once.
   * @param {Partial<State>} changes
   */
  go(changes) {
    clearTimeout(this.typing);
    this.state = { ...this.state, ...changes };
    this.remember();
    this.render();
  }

  /** The state as the page's address. */
  remember() {
    const address = written(this.state);
    if (address !== location.hash) history.pushState(null, "", address || location.pathname + location.search);
  }

  /** @param {Partial<State>} changes */
  addressOf(changes) {
    return written({ ...this.state, ...changes });
  }

  /** The query as it is typed: drawn at once, remembered when the typing rests. @param {string} q */
  type(q) {
    clearTimeout(this.typing);
    this.state = { ...this.state, q, page: 1 };
    this.render();
    this.typing = setTimeout(() => this.remember(), WAIT);
  }

  /** Draws the state; of a query that cannot be read it says why, and leaves the rows as they were. */
  render() {
    const wanted = this.addressOf({ case: "" });
    // To open a question draws nothing else anew: the row that was clicked must be there when the focus goes back.
    if (wanted !== this.drawn) this.renderAll();
    this.drawn = wanted;
    renderCase(this);
  }

  /** Everything but the open question. */
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
    part("explorer-status", HTMLElement).textContent = sentence(this);
    renderFacets(part("explorer-facets", HTMLElement), this);
    renderPivot(this);
  }

  /** @param {number} row */
  open(row) {
    this.go({ case: this.keyOf(row) });
  }

  /**
   * What a link names a question by: the case's hash, and what tells apart the questions about one case.
   * @param {number} row
   */
  keyOf(row) {
    const column = this.table.columns.get("hash");
    const hash = column?.kind === "hashes" ? hashText(column.keys[row]) : String(row);
    return [hash, ...["cell", "suite", "mode"].map((name) => this.at(name, row).slice(0, NAME))].join("/");
  }

  /** The row of a link, of a hash alone the first that deviates; -1 where there is none. @param {string} key */
  rowOf(key) {
    const rows = this.rowsOf(key.slice(0, 10));
    const exact = rows.find((row) => this.keyOf(row) === key);
    const telling = ["unlisted", "known"].flatMap((standing) => rows.filter((row) => this.standing(row) === standing));
    return exact ?? telling[0] ?? rows[0] ?? -1;
  }

  /** Other questions about a row's case. @param {number} row */
  alike(row) {
    return this.rowsOf(this.keyOf(row).slice(0, 10)).filter((other) => other !== row);
  }

  /** @param {string} hash */
  rowsOf(hash) {
    const column = this.table.columns.get("hash");
    /** @type {number[]} */
    const found = [];
    if (column?.kind !== "hashes" || !/^[0-9a-f]{10}$/.test(hash)) return found;
    const wanted = Number.parseInt(hash, 16);
    for (let row = column.keys.indexOf(wanted); row >= 0; row = column.keys.indexOf(wanted, row + 1)) found.push(row);
    return found;
  }

  /** @param {number} row @returns {Standing} */
  standing(row) {
    return /** @type {Standing} */ (this.at("standing", row) || "fine");
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
  const chosen = rows.length === table.rows ? `All ${all} questions` : `${thousands(rows.length)} of ${all} questions`;
  if (!rows.length) {
    const excused = /\boutcome:/.test(query)
      ? " A known deviation's outcome is excused: verdict: says what it is."
      : "";
    return `No question of ${all} is selected.${excused}`;
  }
  if (!deviating) return `${chosen}; none of them deviates.`;
  const number = deviating === rows.length && deviating > 1 ? "all" : thousands(deviating);
  const told = `${chosen}; ${number} of them ${deviating === 1 ? "deviates" : "deviate"}`;
  if (!fresh) return `${told}, all listed as known.`;
  return fresh === deviating ? `${told}, none listed as known.` : `${told}, ${thousands(fresh)} of these not listed.`;
}

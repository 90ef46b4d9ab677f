// @ts-check
/** The commands that run checks again. */
import { caseId } from "#axes.js";
import { shownAt } from "#columns.js";

/** @import { Table } from "#columns.js" */
/** @import { Settings } from "#axes.js" */

/**
 * Return two commands for a row: one runs its check again, and one explains the expected result.
 * @param {Table} table
 * @param {Settings} settings
 * @param {number} row
 */
export function rerunCommands(table, settings, row) {
  const [cell, suite, variant] = ["cell", "suite", "variant"].map((name) => readAt(table, name, row));
  const id = quoted(caseId(table, settings.axes, row));
  return [
    `${rerunCommand(settings, cell ?? "", [[suite ?? "", variant ?? ""]])} --case ${id}`,
    `python -m fixtures explain ${id}`,
  ];
}

/**
 * Return for every cell the command that runs its selected checks again. It reads the case ids from the file cases.txt.
 * @param {Table} table
 * @param {Settings} settings
 * @param {Uint32Array} rows
 */
export function rerunCommandsByCell(table, settings, rows) {
  /** @type {Map<string, [suite: string, variant: string][]>} */
  const checks = new Map();
  for (const row of rows) {
    const cell = readAt(table, "cell", row);
    const found = checks.get(cell) ?? [];
    found.push([readAt(table, "suite", row), readAt(table, "variant", row)]);
    checks.set(cell, found);
  }
  return [...checks].map(([cell, found]) => `${rerunCommand(settings, cell, found)} --case=@cases.txt`);
}

/**
 * Return the command without its cases. The suites of the contract have variants, the others modes.
 * @param {Settings} settings
 * @param {string} name
 * @param {[suite: string, variant: string][]} checks
 */
function rerunCommand(settings, name, checks) {
  const cell = settings.cells[name] ?? {};
  const suites = new Set(checks.map(([suite]) => suite));
  const words = [`${cell.environment ?? ""}pytest`, ...[...suites].map((suite) => quoted(`suites/${suite}`))];
  if (cell.subject) words.push("--subject", quoted(cell.subject));
  const contract = new Set(cell.contract ?? []);
  const [modes, variants] = [false, true].map(
    (named) => new Set(checks.filter(([suite]) => contract.has(suite) === named).map(([, variant]) => variant)),
  );
  if (modes?.size) words.push("--mode", quoted([...modes].join(",")));
  if (variants?.size) words.push("--variant", quoted([...variants].join(",")));
  // These parts were quoted when the page was built.
  if (cell.further) words.push(cell.further);
  if (cell.stored && suites.has("migration")) words.push(cell.stored);
  return words.join(" ");
}

/**
 * @param {Table} table
 * @param {string} name
 * @param {number} row
 */
function readAt(table, name, row) {
  const column = table.columns.get(name);
  return column ? shownAt(column, row) : "";
}

/**
 * Return a word quoted for a shell, if it needs quotes.
 * @param {string} word
 */
function quoted(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

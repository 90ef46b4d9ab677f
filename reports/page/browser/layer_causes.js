// @ts-check
/** Find the causes of the page whose region contains a layer. */
import { evaluate, UNKNOWN } from "#layer_predicate.js";
import { brokenRules } from "#layer_rules.js";
import { axesOf, effectiveKernel, hasConvolution } from "#layer_shape.js";

/** @import { Layer } from "#layer_shape.js" */
/** @import { Tree } from "#layer_predicate.js" */
/**
 * One cause of the page, as reports/facts/layer_causes.py writes it.
 * @typedef {{ anchor: string, title: string, severity: string, owner: string, versions: string, listed: boolean,
 *   regions: [tree: Tree, suites: string[], words: string[]][] }} Cause
 */
/**
 * A cause with the suites whose checks show it. `sure`: a plain call shows it, whatever is not known of the layer.
 * @typedef {{ cause: Cause, suites: string[], always: boolean, sure: boolean }} Match
 */
/** A cause that lacks one condition, which is in words. @typedef {{ cause: Cause, needs: string }} Miss */

const PLAIN_MODES = ["eager", "graph"]; // how a layer is called if nothing else is said, in Keras 3 and in Keras 2

/**
 * Return the facts of a layer that predicates use; what is not known is left out.
 * @param {Layer} layer
 */
export function factsOf(layer) {
  /** @type {Record<string, unknown>} */
  const facts = {
    ...layer,
    rank: layer.size.length,
    compute_dtype: layer.dtype.replace("mixed_", ""),
    rules: brokenRules(layer).map(({ id }) => id),
  };
  for (const name of ["batch", "channels", "filters"]) if (facts[name] === null) delete facts[name];
  if (hasConvolution(layer)) {
    const axes = axesOf(layer);
    facts.effective_kernel = layer.kernel_size.map((k, at) => effectiveKernel(k, layer.dilation_rate[at]));
    facts.output_size = axes.map(({ m }) => m);
    facts.lost = axes.map(({ full, m }) => full - m);
  }
  return facts;
}

/**
 * Return the causes that may concern the layer: some region of theirs contains it, or would if what is not known (the
 * mode, or a field left empty) is so. `always` says that the region has no condition on the layer.
 * @param {Cause[]} causes
 * @param {Layer} layer
 * @returns {Match[]}
 */
export function matchingCauses(causes, layer) {
  const facts = factsOf(layer);
  const checks = checkedSuites(layer);
  return causes.flatMap((cause) => {
    const found = cause.regions.map(([tree, suites]) => ({
      tree,
      suites: suites.filter((suite) => checks(suite) && mayHold(tree, { ...facts, suite })),
    }));
    const matching = found.filter(({ suites }) => suites.length);
    const suites = [...new Set(matching.flatMap((region) => region.suites))];
    const always = matching.some(({ tree }) => tree[0] === "const");
    const sure = matching.some((region) => region.suites.some((suite) => holds(region.tree, { ...facts, suite })));
    return matching.length ? [{ cause, suites, always, sure }] : [];
  });
}

/**
 * Return the causes that do not match because of one condition on the layer, which is in words.
 * @param {Cause[]} causes
 * @param {Layer} layer
 * @returns {Miss[]}
 */
export function nearMisses(causes, layer) {
  const facts = factsOf(layer);
  const checks = checkedSuites(layer);
  const matched = new Set(matchingCauses(causes, layer).map(({ cause }) => cause));
  return causes.flatMap((cause) => {
    if (matched.has(cause)) return [];
    const missing = cause.regions.flatMap(([tree, suites, words]) =>
      suites.filter(checks).flatMap((suite) => missingConditions(tree, words, { ...facts, suite })),
    );
    return missing.length ? [{ cause, needs: missing[0] }] : [];
  });
}

/**
 * Return the words of the only condition of a region that does not hold; nothing if there are more, or fewer conditions
 * than two, or if it has no words or is about a check and not about a layer.
 * @param {Tree} tree
 * @param {string[]} words
 * @param {Record<string, unknown>} facts
 */
function missingConditions(tree, words, facts) {
  const clauses = tree[0] === "and" ? /** @type {Tree[]} */ (tree.slice(1)) : [];
  const missing = clauses.flatMap((clause, at) => (mayHold(clause, facts) ? [] : [{ clause, needs: words[at] }]));
  const [{ clause, needs } = { clause: [], needs: "" }] = missing;
  return missing.length === 1 && needs && !/"(suite|variant)"/.test(JSON.stringify(clause)) ? [needs] : [];
}

/**
 * Return a function that says whether a suite checks the layer: a layer that must be refused has no values.
 * @param {Layer} layer
 */
function checkedSuites(layer) {
  const refused = brokenRules(layer).length > 0;
  return (/** @type {string} */ suite) => (suite === "rejection") === refused;
}

/**
 * @param {Tree} region
 * @param {Record<string, unknown>} facts
 */
function mayHold(region, facts) {
  try {
    const value = evaluate(region, facts);
    return value === UNKNOWN || Boolean(value);
  } catch {
    return false; // the region is of cases with another number of axes, for one
  }
}

/**
 * Return whether a region holds in a plain call, whatever else is not known.
 * @param {Tree} region
 * @param {Record<string, unknown>} facts
 */
function holds(region, facts) {
  return PLAIN_MODES.some((variant) => {
    const value = evaluate(region, { ...facts, variant });
    return value !== UNKNOWN && Boolean(value);
  });
}

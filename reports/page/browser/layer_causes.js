// @ts-check
/** Find the causes of the page whose region contains a layer. */
import { evaluate, UNKNOWN } from "#layer_predicate.js";
import { brokenRules } from "#layer_rules.js";
import { axesOf, effectiveKernel, hasConvolution } from "#layer_shape.js";

/** @import { Layer } from "#layer_shape.js" */
/** @import { Tree } from "#layer_predicate.js" */
/**
 * One cause of the page, as reports/facts/layer_causes.py writes it.
 * @typedef {{ anchor: string, title: string, severity: string, owner: string, versions: string,
 *   regions: [tree: Tree, suites: string[]][] }} Cause
 */
/** A cause with the suites whose checks show it. @typedef {{ cause: Cause, suites: string[], always: boolean }} Match */

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
  const refused = brokenRules(layer).length > 0;
  const checks = (/** @type {string} */ suite) => (suite === "rejection") === refused; // what is refused has no values
  return causes.flatMap((cause) => {
    const found = cause.regions.map(([tree, suites]) => ({
      tree,
      suites: suites.filter((suite) => checks(suite) && mayHold(tree, { ...facts, suite })),
    }));
    const matching = found.filter(({ suites }) => suites.length);
    const suites = [...new Set(matching.flatMap((region) => region.suites))];
    const always = matching.some(({ tree }) => tree[0] === "const");
    return matching.length ? [{ cause, suites, always }] : [];
  });
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

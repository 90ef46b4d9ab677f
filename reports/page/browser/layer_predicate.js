// @ts-check
/**
 * Evaluate a predicate over the facts of a case: the Python expression of a region, as a tree of lists that
 * reports/facts/predicate_tree.py makes. A fact that is not known gives UNKNOWN, and so does what depends on it.
 */

/** @typedef {unknown[]} Tree */
/** @typedef {Record<string, unknown>} Facts */

/** The value of what is not known. */
export const UNKNOWN = Symbol("unknown");

/**
 * Return the value of a predicate. Throws an error where Python does, such as for an index of a shorter tuple.
 * @param {Tree} tree
 * @param {Facts} facts
 * @returns {unknown}
 */
export function evaluate(tree, facts) {
  const [kind, ...parts] = tree;
  const value = EVALUATORS[/** @type {string} */ (kind)];
  if (!value) throw new Error(`no evaluation of ${String(kind)}`);
  return value(parts, facts);
}

/** @type {Record<string, (parts: any[], facts: Facts) => unknown>} */
const EVALUATORS = {
  const: ([value]) => value,
  name: ([name], facts) => (Object.hasOwn(facts, name) ? facts[name] : UNKNOWN),
  list: (items, facts) => items.map((/** @type {Tree} */ item) => evaluate(item, facts)),
  and: (items, facts) => connect(items, facts, false),
  or: (items, facts) => connect(items, facts, true),
  not: ([item], facts) => lift([evaluate(item, facts)], ([value]) => !truth(value)),
  neg: ([item], facts) => lift([evaluate(item, facts)], ([value]) => -number(value)),
  if: ([test, yes, no], facts) => {
    const chosen = evaluate(test, facts);
    if (chosen === UNKNOWN) return UNKNOWN;
    return evaluate(truth(chosen) ? yes : no, facts);
  },
  binary: ([operator, left, right], facts) =>
    lift([evaluate(left, facts), evaluate(right, facts)], ([one, other]) =>
      compute(operator, number(one), number(other)),
    ),
  compare: ([operators, operands], facts) => compareChain(operators, operands, facts),
  index: ([value, at], facts) =>
    lift([evaluate(value, facts), evaluate(at, facts)], ([items, place]) => entry(items, number(place))),
  call: ([name, items], facts) => callFunction(name, items, facts),
};

/**
 * Return the value of `and` or `or`: the first that decides, or UNKNOWN if one that might decide is not known.
 * @param {Tree[]} items
 * @param {Facts} facts
 * @param {boolean} deciding
 */
function connect(items, facts, deciding) {
  let value;
  let unknown = false;
  for (const item of items) {
    value = evaluate(item, facts);
    if (value === UNKNOWN) unknown = true;
    else if (truth(value) === deciding) return value;
  }
  return unknown ? UNKNOWN : value;
}

/**
 * Return the result of a function of values, or UNKNOWN if one of them is.
 * @param {unknown[]} values
 * @param {(values: any[]) => unknown} result
 */
function lift(values, result) {
  return values.some((value) => value === UNKNOWN) ? UNKNOWN : result(values);
}

/**
 * Return whether Python takes a value for true.
 * @param {unknown} value
 */
function truth(value) {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** @param {unknown} value */
function number(value) {
  if (typeof value === "boolean") return Number(value);
  if (typeof value !== "number") throw new Error(`${String(value)} is not a number`);
  return value;
}

/**
 * @param {string} operator
 * @param {number} left
 * @param {number} right
 */
function compute(operator, left, right) {
  if (operator === "+") return left + right;
  if (operator === "-") return left - right;
  if (operator === "*") return left * right;
  if (right === 0) throw new Error("division by zero");
  const quotient = Math.floor(left / right);
  return operator === "//" ? quotient : left - quotient * right;
}

/**
 * @param {unknown} items
 * @param {number} place
 */
function entry(items, place) {
  const found = Array.isArray(items) ? items.at(place) : undefined;
  if (found === undefined) throw new Error("no such entry");
  return found;
}

/**
 * Return the value of a chain such as 1 < filters == width.
 * @param {string[]} operators
 * @param {Tree[]} operands
 * @param {Facts} facts
 */
function compareChain(operators, operands, facts) {
  const values = operands.map((operand) => evaluate(operand, facts));
  const results = operators.map((operator, at) =>
    lift(values.slice(at, at + 2), ([left, right]) => compare(operator, left, right)),
  );
  if (results.includes(false)) return false;
  return results.includes(UNKNOWN) ? UNKNOWN : true;
}

/**
 * @param {string} operator
 * @param {any} left
 * @param {any} right
 * @returns {unknown}
 */
function compare(operator, left, right) {
  if (operator === "is" || operator === "==") return equal(left, right);
  if (operator === "is not" || operator === "!=") return !equal(left, right);
  if (operator === "in" || operator === "not in") return contains(right, left, operator === "in");
  const [one, other] = [number(left), number(right)];
  if (operator === "<") return one < other;
  if (operator === "<=") return one <= other;
  return operator === ">" ? one > other : one >= other;
}

/**
 * @param {unknown} left
 * @param {unknown} right
 */
function equal(left, right) {
  const plain = (/** @type {unknown} */ value) => JSON.stringify(typeof value === "boolean" ? Number(value) : value);
  return plain(left) === plain(right);
}

/**
 * @param {unknown} whole
 * @param {unknown} part
 * @param {boolean} inside
 */
function contains(whole, part, inside) {
  if (typeof whole === "string") return whole.includes(String(part)) === inside;
  if (!Array.isArray(whole)) throw new Error("in needs a sequence or a text");
  if (whole.some((item) => item !== UNKNOWN && equal(item, part))) return inside;
  return whole.includes(UNKNOWN) ? UNKNOWN : !inside;
}

/**
 * Return the value of abs, all, any, len, max, min or sum.
 * @param {string} name
 * @param {Tree[]} items
 * @param {Facts} facts
 */
function callFunction(name, items, facts) {
  const generated = items.length === 1 && items[0][0] === "each";
  const values = generated ? generate(items[0].slice(1), facts) : items.map((item) => evaluate(item, facts));
  if (values === UNKNOWN) return UNKNOWN;
  const list = /** @type {unknown[]} */ (values);
  if (name === "any" || name === "all") {
    const sequence = generated ? list : list[0];
    if (!Array.isArray(sequence)) return UNKNOWN;
    const found = sequence.some((value) => value !== UNKNOWN && truth(value) === (name === "any"));
    return found ? name === "any" : sequence.includes(UNKNOWN) ? UNKNOWN : name !== "any";
  }
  if (name === "abs" || name === "len")
    return lift(list, ([value]) => (name === "abs" ? Math.abs(number(value)) : value.length));
  const sequence = generated || list.length > 1 ? list : list[0];
  if (sequence === UNKNOWN || !Array.isArray(sequence)) return UNKNOWN;
  return lift(sequence, (entries) => reduce(name, entries.map(number)));
}

/**
 * @param {string} name
 * @param {number[]} values
 */
function reduce(name, values) {
  if (name === "sum") return values.reduce((sum, value) => sum + value, 0);
  if (values.length === 0) throw new Error("no greatest of nothing");
  return name === "max" ? Math.max(...values) : Math.min(...values);
}

/**
 * Return the values of a generator: an element, and loops, each with its targets, its sources and its conditions.
 * @param {any[]} parts
 * @param {Facts} facts
 * @returns {unknown[] | typeof UNKNOWN}
 */
function generate([element, loops], facts) {
  if (loops.length === 0) return [evaluate(element, facts)];
  const [[targets, sources, conditions], ...inner] = loops;
  const lists = sources.map((/** @type {Tree} */ source) => evaluate(source, facts));
  if (!lists.every(Array.isArray)) return UNKNOWN;
  const found = [];
  const count = Math.min(...lists.map((/** @type {unknown[]} */ list) => list.length));
  for (let at = 0; at < count; at += 1) {
    const bound = targets.map((/** @type {string} */ name, /** @type {number} */ place) => [name, lists[place][at]]);
    const known = { ...facts, ...Object.fromEntries(bound) };
    const tests = conditions.map((/** @type {Tree} */ condition) => evaluate(condition, known));
    if (tests.some((/** @type {unknown} */ test) => test !== UNKNOWN && !truth(test))) continue;
    if (tests.includes(UNKNOWN)) return UNKNOWN;
    const values = generate([element, inner], known);
    if (values === UNKNOWN) return UNKNOWN;
    found.push(.../** @type {unknown[]} */ (values));
  }
  return found;
}

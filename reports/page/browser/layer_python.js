// @ts-check
/** Read the arguments of a call in Python source as text. Nothing is evaluated. */

/** Python code that is not a literal. @typedef {{ code: string }} Code */
/** @typedef {number | string | boolean | null | Code | PythonValue[]} PythonValue */
/** @typedef {{ kind: "name" | "number" | "text" | "sign", text: string }} Token */
/** @typedef {{ name: string | null, value: PythonValue }} Argument */

const TOKEN =
  /\s+|\\\n|#[^\n]*|(?<name>[A-Za-z_][\w.]*)|(?<number>\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|(?<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<sign>\*\*|\/\/|==|[^\s])/y;
const DEEPEST = 50; // parentheses inside each other

/** A call that cannot be read; the message is one sentence. */
export class CallError extends Error {}

/**
 * Return whether a value is code that is not a literal.
 * @param {PythonValue | undefined} value
 * @returns {value is Code}
 */
export function isCode(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Return the arguments of the call whose opening parenthesis ends before `start`. Throws a CallError.
 * @param {string} source
 * @param {number} start
 * @returns {Argument[]}
 */
export function readArguments(source, start) {
  const tokens = tokensUpToEnd(source, start);
  return splitAtCommas(tokens).map((part) => {
    const named = part.length > 1 && part[0].kind === "name" && part[1].text === "=";
    const value = readValue(named ? part.slice(2) : part, 0);
    return { name: named ? part[0].text : null, value };
  });
}

/**
 * Return the tokens up to the parenthesis that closes the call.
 * @param {string} source
 * @param {number} start
 */
function tokensUpToEnd(source, start) {
  /** @type {Token[]} */
  const tokens = [];
  let depth = 0;
  TOKEN.lastIndex = start;
  for (let found = TOKEN.exec(source); found; found = TOKEN.exec(source)) {
    const [kind, text] = Object.entries(found.groups ?? {}).find(([, value]) => value !== undefined) ?? [];
    if (!kind || text === undefined) continue;
    if ("([{".includes(text)) depth += 1;
    if (depth > DEEPEST) throw new CallError("The call has too many parentheses inside each other.");
    if (")]}".includes(text)) {
      if (depth === 0) return tokens;
      depth -= 1;
    }
    tokens.push(/** @type {Token} */ ({ kind, text }));
  }
  throw new CallError("The call is not finished: its closing parenthesis is missing.");
}

/**
 * Return the tokens between top-level commas; a comma at the end is allowed.
 * @param {Token[]} tokens
 */
function splitAtCommas(tokens) {
  /** @type {Token[][]} */
  const parts = [[]];
  let depth = 0;
  for (const token of tokens) {
    if ("([{".includes(token.text)) depth += 1;
    if (")]}".includes(token.text)) depth -= 1;
    if (token.text === "," && depth === 0) parts.push([]);
    else parts[parts.length - 1].push(token);
  }
  if (parts[parts.length - 1].length === 0) parts.pop();
  if (parts.some((part) => part.length === 0)) throw new CallError("The call has two commas without a value between.");
  return parts;
}

/**
 * Return the value of a literal, or the code as text.
 * @param {Token[]} tokens
 * @param {number} depth
 * @returns {PythonValue}
 */
function readValue(tokens, depth) {
  const [first, ...rest] = tokens;
  const code = { code: tokens.map(({ text }) => text).join(tokens.length > 9 ? " " : "") };
  if (first === undefined || depth > DEEPEST) return code;
  if ((first.text === "-" || first.text === "+") && rest.length === 1 && rest[0].kind === "number")
    return numberOf(rest[0].text) * (first.text === "-" ? -1 : 1);
  if (rest.length === 0) return literalOf(first) ?? (first.text === "None" ? null : code);
  const last = rest[rest.length - 1];
  if (!((first.text === "(" && last.text === ")") || (first.text === "[" && last.text === "]")) || !closesAtEnd(tokens))
    return code;
  const inside = rest.slice(0, -1);
  const values = splitAtCommas(inside).map((part) => readValue(part, depth + 1));
  const onlyParentheses = first.text === "(" && values.length === 1 && inside[inside.length - 1].text !== ",";
  return onlyParentheses ? values[0] : values;
}

/**
 * Return whether the first bracket of the tokens is closed by the last one.
 * @param {Token[]} tokens
 */
function closesAtEnd(tokens) {
  let depth = 0;
  return tokens.every(({ text }, at) => {
    if ("([{".includes(text)) depth += 1;
    if (")]}".includes(text)) depth -= 1;
    return depth > 0 || at === tokens.length - 1;
  });
}

/**
 * Return the value of a single token, or undefined if it is None or no literal.
 * @param {Token} token
 * @returns {number | string | boolean | undefined}
 */
function literalOf({ kind, text }) {
  if (kind === "number") return numberOf(text);
  if (kind === "text") return text.slice(1, -1).replace(/\\(.)/g, "$1");
  return { True: true, False: false }[text];
}

/** @param {string} text */
function numberOf(text) {
  return Number(text.replaceAll("_", ""));
}

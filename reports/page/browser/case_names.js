// @ts-check
/**
 * The names of cases and checks as people paste them: a hash or its beginning, an id, SUITE/VARIANT/CASE, the address of
 * a check, or a whole command. Any other text stays a query.
 */

const HASH = /^[0-9a-f]{8,10}$/;
const ID = /^b\d+(-[a-z0-9.]+){5,}$/;
const CHECK = /^([\w.-]+)\/([\w.-]+)\/([a-z0-9.-]+)$/;
const OPTION = /--case[= ](\S+)/;
const ADDRESS = /#?case=([0-9a-f]{8,10})((?:\/|%2F)\S*)?$/;

/**
 * Return the query that selects the checks of a pasted name, or the text itself if it is not a name.
 * @param {string} query
 */
export function asQuery(query) {
  const text = query.trim().replace(/^[`'"]+|[`'"]+$/g, "");
  const option = OPTION.exec(text)?.[1];
  if (option) return asQuery(/\//.test(option) ? option : withSuite(text, option));
  const [, hash, rest] = ADDRESS.exec(text) ?? [];
  if (hash) {
    const [, cell, suite, variant] = decode(rest ?? "").split("/");
    return [`hash:${hash}`, ...writeClauses({ cell, suite, variant })].join(" ");
  }
  const [, suite, variant, name] = CHECK.exec(text) ?? [];
  if (name && (ID.test(name) || HASH.test(name)))
    return [...writeClauses({ suite, variant }), `id:"${name}"`].join(" ");
  return HASH.test(text) || ID.test(text) ? `id:"${text}"` : query;
}

/** Return a text without percent escapes, or as it is if they are wrong. @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Return SUITE/VARIANT/CASE of a command with one suite and one mode or variant, or the case alone.
 * @param {string} command
 * @param {string} name
 */
function withSuite(command, name) {
  const suite = /\bsuites\/([\w.-]+)/.exec(command)?.[1];
  const variant = /--(?:mode|variant)[= ]([\w.-]+)(?!\S)/.exec(command)?.[1]; // one, and no list
  return suite && variant && variant !== "all" ? `${suite}/${variant}/${name}` : name;
}

/** Return a clause for each value that is given. @param {Record<string, string | undefined>} given */
function writeClauses(given) {
  return Object.entries(given).flatMap(([name, value]) => (value ? [`${name}:="${value}"`] : []));
}

/**
 * Return a sentence on a query that names a case and selects no check; an empty text for any other query.
 * @param {string} query
 * @returns {{ words: string, address: string, cause: string }} `cause` is the title of the cause at the address
 */
export function explainNoCheck(query) {
  const request = asQuery(query);
  const name = /(?:^|\s)(?:id|hash):"?([a-z0-9.-]+)"?/.exec(request)?.[1] ?? "";
  if (!HASH.test(name) && !ID.test(name)) return { words: "", address: "", cause: "" };
  const places = [...document.querySelectorAll("[id^='case=']")];
  const place = places.find(({ id, textContent }) => id.startsWith(`case=${name}`) || textContent?.includes(name));
  const kind = HASH.test(name) ? "hash" : "id";
  if (place)
    return {
      words: ` No check of the run has the ${kind} ${name}: it is the smallest case that shows a cause.`,
      address: `#${place.closest("details.group")?.id ?? place.id}`,
      cause: place.closest("details.group")?.querySelector(".name")?.textContent ?? "",
    };
  const alone = /^(?:id|hash):"?[a-z0-9.-]+"?$/.test(request);
  return {
    words: ` No check ${alone ? "" : "of this suite and mode "}on this page has the ${kind} ${name}.`,
    address: "",
    cause: "",
  };
}

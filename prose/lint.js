// Reads [{path, kind, text}, ...] as JSON, the texts in Markdown; writes [{path, kind, line, message}, ...].
// Of the kind "messages" only the words are checked: such a text can be a list or code, which have no sentences.
import { readFileSync } from "node:fs";
import { TextlintKernel } from "@textlint/kernel";
import markdown from "@textlint/textlint-plugin-markdown";
import terminology from "textlint-rule-terminology";
import sentenceLength from "./sentence-length.js";

const MOST_WORDS = 30;

// The pattern of a word, wherever it does not begin one of the phrases that are excepted.
function pattern(word, phrases) {
  const rests = phrases.filter((phrase) => phrase.startsWith(word)).map((phrase) => phrase.slice(word.length));
  return `\\b${word}\\b(?!${["-\\w", ...rests].join("|")})`.replaceAll(" ", "\\s+");
}

const { instead } = JSON.parse(readFileSync(new URL("words.json", import.meta.url), "utf8"));
const terms = instead
  .filter(({ only }) => only !== "names")
  .flatMap(({ words, say, except = {} }) =>
    words.map((word) => [pattern(word, Object.keys(except)), say.join(" or ") || "a plain verb or noun"]),
  );
const vocabulary = { ruleId: "vocabulary", rule: terminology, options: { defaultTerms: false, terms, skip: [] } };
const length = { ruleId: "sentence-length", rule: sentenceLength, options: { max: MOST_WORDS } };
const options = {
  ext: ".md",
  plugins: [{ pluginId: "markdown", plugin: markdown.default ?? markdown }],
};
const kernel = new TextlintKernel();
const found = [];
for (const { path, kind, text } of JSON.parse(readFileSync(0, "utf8"))) {
  const rules = kind === "messages" ? [vocabulary] : [vocabulary, length];
  const { messages } = await kernel.lintText(text, { ...options, rules });
  for (const { line, message } of messages) found.push({ path, kind, line, message: message.replaceAll("\n", " ") });
}
process.stdout.write(JSON.stringify(found));

// A rule of textlint: no sentence has more than `max` words. A piece of code in a sentence counts as one.
import { split } from "sentence-splitter";
import { StringSource } from "textlint-util-to-string";

export default function sentenceLength({ Syntax, RuleError, getSource, locator, report }, { max }) {
  const codeAsOneWord = ({ node, maskValue }) => (node.type === Syntax.Code ? maskValue("x") : undefined);
  function check(block) {
    const source = new StringSource(block, { replacer: codeAsOneWord });
    // The splitter ends a sentence at a line's end, and not at a number's full stop.
    const text = source.toString().replaceAll("\n", " ").replaceAll(/\d(?=\. +\p{Lu})/gu, "x");
    for (const sentence of split(text)) {
      const words = sentence.raw.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
      if (sentence.type !== "Sentence" || words <= max) continue;
      const start = source.originalIndexFromIndex(sentence.range[0] + sentence.raw.search(/\S/));
      const begins = getSource(block).slice(start, start + 50).replaceAll("\n", " ");
      const message = `${words} words in one sentence, at most ${max}: ${begins} ...`;
      report(block, new RuleError(message, { padding: locator.at(start) }));
    }
  }
  return { [Syntax.Paragraph]: check, [Syntax.TableCell]: check };
}

// Build vendor/liqe.js with its licences from the lock: npm ci && npm run vendor. With --check only compare.
import { readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const LICENCES = { liqe: "LICENSE", nearley: "LICENSE.txt", "ts-error": "LICENSE" };

// Only the parser is bundled. For its own search liqe adds code with new Function, which a page does not have to allow.
const parser = {
  name: "parser-only",
  /** @param {import("esbuild").PluginBuild} building */
  setup(building) {
    building.onLoad({ filter: /hydrateAst\.js$/ }, () => ({ contents: "exports.hydrateAst = (tree) => tree;" }));
  },
};

const made = await build({
  stdin: { contents: 'export { parse } from "liqe/dist/src/parse.js";', resolveDir: import.meta.dirname ?? "." },
  bundle: true,
  format: "esm",
  target: "es2020",
  charset: "ascii",
  minify: true,
  legalComments: "none", // the full licences are at the top of the file
  plugins: [parser],
  write: false,
  metafile: true,
});
const taken = new Set(
  Object.keys(made.metafile.inputs).flatMap((path) => path.match(/node_modules\/([^/]+)/)?.[1] ?? []),
);
for (const name of taken) {
  if (!(name in LICENCES)) throw new Error(`${name} is bundled, but vendor.js does not say where its licence is`);
}
const licences = await Promise.all(
  [...taken].sort().map(async (name) => {
    const version = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8")).version;
    return `${name} ${version}\n\n${await readFile(`node_modules/${name}/${LICENCES[name]}`, "utf8")}`;
  }),
);
const comment = (text) => `/*!\n${text.trim().replaceAll("*/", "* /")}\n*/\n`;
const code = `// Made by npm run vendor from package-lock.json; do not edit.\n${comment(licences.join("\n\n"))}${made.outputFiles[0].text}`;

if (process.argv.includes("--check")) {
  if ((await readFile("vendor/liqe.js", "utf8")) !== code) {
    console.error("vendor/liqe.js is not what npm run vendor makes of the lock");
    process.exit(1);
  }
} else {
  await writeFile("vendor/liqe.js", code);
}

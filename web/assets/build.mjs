// Bundles css/ and js/ into web/static; hatch_build.py calls it, `npm run build` works too.
import { build } from "esbuild";
import { copyFile, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const out = join(here, "..", "static");
await mkdir(out, { recursive: true });
const { metafile } = await build({
  entryPoints: ["css/lintas.css", "css/bpmn.css", "js/lintas.js", "js/diagram.js"].map((name) =>
    join(here, name),
  ),
  absWorkingDir: root,
  outdir: out,
  entryNames: "[name]",
  assetNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  metafile: true,
  format: "iife",
  target: ["chrome111", "firefox121", "safari16.4"],
  loader: { ".woff2": "file" },
  legalComments: "none", // the whole licence texts stand in licences.txt
  logLevel: "warning",
});
await copyFile(join(here, "img", "logo.svg"), join(out, "logo.svg"));

const packages = new Set(
  Object.keys(metafile.inputs)
    .map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
    .filter(Boolean),
);
const texts = [];
for (const name of [...packages].sort()) {
  const folder = join(root, "node_modules", name);
  const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? await readFile(join(folder, file), "utf8") : "(licence named in package.json only)";
  texts.push(`${name} ${version} (${license})\n\n${text.trim()}\n`);
}
await writeFile(join(out, "licences.txt"), texts.join(`\n${"-".repeat(80)}\n\n`));

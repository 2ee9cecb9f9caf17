// node render_in_order.mjs STYLE formulas.txt OUT.pdf     one formula a page, set by MathJax or laid out as MathML
//   npm install mathjax-full temml playwright-core; STYLE is mathjax or mathml; make_in_order.py reads what it prints
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createRequire } from "node:module";
const require = createRequire(path.join(process.cwd(), "package.json"));
const temml = require("temml"), { chromium } = require("playwright-core");
const folder_of = (name) => path.dirname(require.resolve(`${name}/package.json`));
const escape = (s) => s.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const [style, input, output] = process.argv.slice(2);
const rows = fs.readFileSync(input, "utf8").split("\n").filter((l) => l.trim() && !l.startsWith("#")).map((l) => l.split(" | "));
const set = style === "mathjax"
  ? (tex, display) => (display ? `\\[${escape(tex)}\\]` : `\\(${escape(tex)}\\)`)
  : (tex, displayMode) => temml.renderToString(tex, { displayMode });
const sheet = style === "mathjax"
  ? `<script src="file://${folder_of("mathjax-full")}/es5/tex-chtml.js"></script>`
  : `<link rel="stylesheet" href="file://${folder_of("temml")}/dist/Temml-Local.css">`;
const body = rows.map(([, mode, ...rest]) => {
  const formula = set(rest.join(" | ").trim(), mode.trim() === "d");
  return `<section>${mode.trim() === "d" ? `<p>We see from this</p>${formula}<p>as was to be shown.</p>` : `<p>We see that ${formula} holds here.</p>`}</section>`;
});
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "prints-"));
const file = path.join(folder, "page.html");
fs.writeFileSync(file, `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>f</title>${sheet}
<style>body{margin:0;font:16px/27px "Liberation Sans",sans-serif} section{break-after:page}</style></head><body>${body.join("\n")}</body></html>`);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage();
await page.goto("file://" + file, { waitUntil: "load" });
await page.evaluate(() => document.fonts.ready);
if (style === "mathjax") await page.evaluate(() => globalThis.MathJax.startup.promise);
await page.pdf({ path: output, format: "A4" });
await browser.close();
fs.rmSync(folder, { recursive: true });

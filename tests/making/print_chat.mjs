// node print_chat.mjs CHAT.md OUT.pdf: a chat set with KaTeX on a chat-like page, printed by Chromium.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createRequire } from "node:module";
const require = createRequire(path.join(process.cwd(), "package.json"));
const katex = require("katex"), { marked } = require("marked"), { chromium } = require("playwright-core");

const [input, output] = process.argv.slice(2);
const dist = path.join(path.dirname(require.resolve("katex/package.json")), "dist");
const sheet = fs.readFileSync(path.join(dist, "katex.css"), "utf8").replaceAll("url(fonts/", `url(file://${dist}/fonts/`);
const text = fs.readFileSync(input, "utf8");
const title = /^title: (.*)$/m.exec(text)?.[1] ?? "Chat";
const turns = [...text.matchAll(/^### (user|assistant)\n([\s\S]*?)(?=^### (?:user|assistant)\n|(?![\s\S]))/gm)];
const escape = (s) => s.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function answer(markdown) {
  const formulas = [];
  const held = markdown.replace(/\\\[([\s\S]+?)\\\]|\\\(([\s\S]+?)\\\)/g, (_, display, inline) => {
    formulas.push(katex.renderToString((display ?? inline).trim(), { displayMode: display !== undefined, strict: false }));
    return `@@F${formulas.length - 1}@@`;
  });
  return marked.parse(held).replace(/@@F(\d+)@@/g, (_, i) => formulas[+i]);
}

const body = turns
  .map(([, role, words]) => role === "user"
    ? `<article class="user"><div class="bubble">${escape(words.trim())}</div></article>`
    : `<article class="assistant">${answer(words.trim())}</article>`)
  .join("\n");
const html = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title><style>${sheet}
body{font:16px/28px "DejaVu Sans",sans-serif;margin:0;color:#111} main{max-width:740px;margin:0 auto}
article{position:relative;margin:18px 0} table{border-collapse:collapse;font-size:14px} td,th{border-bottom:1px solid #ccc;padding:6px 12px;text-align:left}
.bubble{position:relative;background:#f0f0f0;border-radius:18px;max-width:70%;margin-left:auto;padding:10px 20px;white-space:pre-wrap;width:fit-content}
</style></head><body><main>${body}</main></body></html>`;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "print-"));
const page_file = path.join(folder, "chat.html");
fs.writeFileSync(page_file, html);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const page = await browser.newPage();
await page.goto("file://" + page_file, { waitUntil: "load" });
await page.evaluate(() => document.fonts.ready);
const small = "font-size:8px;width:100%;padding:0 0.4in";
await page.pdf({
  path: output, format: "Letter", displayHeaderFooter: true,
  headerTemplate: `<div style="${small};display:flex"><span class="date"></span><span class="title" style="margin:auto"></span></div>`,
  footerTemplate: `<div style="${small};text-align:right"><span class="pageNumber"></span>/<span class="totalPages"></span></div>`,
  margin: { top: "0.6in", bottom: "0.6in", left: "0.4in", right: "0.9in" },
});
await browser.close();
fs.rmSync(folder, { recursive: true });

// node set_chats.mjs OUT CHAT.md...: each chat as a saved page (NAME.html) and as Chromium prints it (NAME.pdf).
//   npm install katex marked mathjax-full temml playwright-core
// A chat is `title:` and `style:` lines and turns under `### user` / `### assistant`; a style is a page with its own
// way of naming speakers, setting formulas and printing. With MHTML=1 the page is also saved as a web archive,
// with PASTE=1 as what a person copies from it, with STYLE=name in another style than the chat's own.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createRequire } from "node:module";
const require = createRequire(path.join(process.cwd(), "package.json"));
const katex = require("katex"), temml = require("temml"), { marked } = require("marked"), { chromium } = require("playwright-core");
const folder_of = (name) => path.dirname(require.resolve(`${name}/package.json`));
const escape = (s) => s.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const with_katex = (output) => (tex, displayMode) => katex.renderToString(tex, { displayMode, strict: false, output });
const only_html = with_katex("html");
const katex_sheet = `<link rel="stylesheet" href="file://${folder_of("katex")}/dist/katex.css">`;
const small = "font-size:8px;width:100%;padding:0 0.4in";
const head = `<div style="${small};display:flex"><span class="date"></span><span class="title" style="margin:auto"></span></div>`;
const foot = `<div style="${small};text-align:right"><span class="pageNumber"></span>/<span class="totalPages"></span></div>`;
const furnished = { displayHeaderFooter: true, headerTemplate: head, footerTemplate: foot };
const margin = { top: "0.6in", bottom: "0.6in", left: "0.4in", right: "0.9in" };

const STYLES = {
  bubbles: {
    formula: with_katex("htmlAndMathml"), sheet: katex_sheet, print: { format: "Letter", margin, ...furnished },
    css: `body{font:16px/28px "DejaVu Sans",sans-serif} main{max-width:740px;margin:0 auto} article{position:relative;margin:18px 0}
      .bubble{position:relative;background:#f0f0f0;border-radius:18px;max-width:70%;margin-left:auto;padding:10px 20px;white-space:pre-wrap;width:fit-content}`,
    user: (t, i) => `<article data-testid="conversation-turn-${i}"><div data-message-author-role="user"><div class="bubble">${t}</div></div></article>`,
    assistant: (t, i) => `<article data-testid="conversation-turn-${i}"><div data-message-author-role="assistant"><div class="markdown prose">${t}</div></div></article>`,
  },
  column: { // as pages do that keep the TeX in an attribute and set no MathML
    formula: (tex, display) => display
      ? `<div class="math-block" data-math="${escape(tex)}">${only_html(tex, true)}</div>`
      : `<span class="math-inline" data-math="${escape(tex)}">${only_html(tex, false)}</span>`,
    sheet: katex_sheet, print: { format: "A4", margin, ...furnished },
    css: `body{font:15px/24px "Liberation Sans",sans-serif} main{max-width:600px;margin:0 auto} user-query,model-response{display:block;margin:16px 0}
      user-query p{white-space:pre-wrap;background:#e8eefc;border-radius:24px;padding:12px 16px;margin-left:25%}`,
    user: (t) => `<user-query><p>${t}</p></user-query>`,
    assistant: (t) => `<model-response><message-content>${t}</message-content></model-response>`,
  },
  serif: {
    formula: with_katex("htmlAndMathml"), sheet: katex_sheet, print: { format: "Letter", margin: { top: "0.5in", bottom: "0.5in", left: "0.5in", right: "0.5in" } },
    css: `body{font:16px/26px "DejaVu Serif",serif} main{max-width:680px;margin:0 auto} .turn{margin:20px 0}
      [data-testid=user-message]{background:#eee8df;border-radius:12px;padding:10px 16px;width:fit-content;max-width:85%;white-space:pre-wrap}`,
    user: (t) => `<div class="turn"><div data-testid="user-message">${t}</div></div>`,
    assistant: (t) => `<div class="turn"><div class="font-claude-message">${t}</div></div>`,
  },
  mathjax: {
    formula: (tex, display) => (display ? `\\[${escape(tex)}\\]` : `\\(${escape(tex)}\\)`),
    sheet: `<script src="file://${folder_of("mathjax-full")}/es5/tex-chtml.js"></script>`, ready: () => globalThis.MathJax.startup.promise,
    print: { format: "Letter", margin, ...furnished },
    css: `body{font:16px/27px "Liberation Sans",sans-serif} main{max-width:700px;margin:0 auto} .said{white-space:pre-wrap}`,
    user: (t) => `<h4>User:</h4><div class="said">${t}</div>`,
    assistant: (t) => `<h4>Assistant:</h4><div>${t}</div>`,
  },
  mathml: {
    formula: (tex, displayMode) => temml.renderToString(tex, { displayMode }),
    sheet: `<link rel="stylesheet" href="file://${folder_of("temml")}/dist/Temml-Local.css">`, print: { format: "A4", margin, ...furnished },
    css: `body{font:16px/27px "DejaVu Sans",sans-serif} main{max-width:700px;margin:0 auto} .user-message{white-space:pre-wrap;background:#f4f4f4;padding:8px 14px;margin-left:20%;border-radius:10px}`,
    user: (t) => `<div class="user-message">${t}</div>`,
    assistant: (t) => `<div class="assistant-message">${t}</div>`,
  },
};
STYLES.labelled = { ...STYLES.mathjax, formula: with_katex("htmlAndMathml"), sheet: katex_sheet, ready: undefined };
STYLES.mathjax_svg = { ...STYLES.mathjax, sheet: STYLES.mathjax.sheet.replace("tex-chtml", "tex-svg") };

function answer(markdown, formula) {
  const formulas = [];
  const held = markdown.replace(/\\\[([\s\S]+?)\\\]|\\\(([\s\S]+?)\\\)/g, (_, display, inline) => {
    formulas.push(formula((display ?? inline).trim(), display !== undefined));
    return `@@F${formulas.length - 1}@@`;
  });
  return marked.parse(held).replace(/@@F(\d+)@@/g, (_, i) => formulas[+i]);
}

const [out, ...chats] = process.argv.slice(2);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "chats-"));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
for (const chat of chats) {
  const text = fs.readFileSync(chat, "utf8");
  const title = /^title: (.*)$/m.exec(text)?.[1] ?? "Chat";
  const style = STYLES[process.env.STYLE ?? /^style: (.*)$/m.exec(text)?.[1] ?? "bubbles"];
  const turns = [...text.matchAll(/^### (user|assistant)\n([\s\S]*?)(?=^### (?:user|assistant)\n|(?![\s\S]))/gm)];
  const body = turns
    .map(([, role, words], i) => (role === "user" ? style.user(escape(words.trim()), i + 1) : style.assistant(answer(words.trim(), style.formula), i + 1)))
    .join("\n");
  const html = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>${style.sheet}
<style>body{margin:0;color:#111} table{border-collapse:collapse} ${style.css}</style></head><body><main>${body}</main></body></html>`;
  const name = path.basename(chat, ".md");
  const file = path.join(folder, `${name}.html`);
  fs.writeFileSync(file, html);
  const page = await browser.newPage();
  await page.goto("file://" + file, { waitUntil: "load" });
  await page.evaluate(() => document.fonts.ready);
  if (style.ready) await page.evaluate(style.ready);
  const saved = await page.content(); // the page as its scripts left it, which is what a browser saves
  fs.writeFileSync(path.join(out, `${name}.html`), saved.replaceAll(/file:\/\/[^"]*\//g, "https://chat.example/"));
  if (process.env.PASTE) { // everything selected and copied: NAME.pasted.txt
    const copied = await page.evaluate(() => (getSelection().selectAllChildren(document.body), getSelection().toString()));
    fs.writeFileSync(path.join(out, `${name}.pasted.txt`), copied);
  }
  await page.pdf({ path: path.join(out, `${name}.pdf`), ...style.print });
  if (process.env.MHTML) {
    const session = await page.context().newCDPSession(page);
    const { data } = await session.send("Page.captureSnapshot", { format: "mhtml" });
    fs.writeFileSync(path.join(out, `${name}.mhtml`), data.replaceAll(/file:\/\/[^\s"]*\//g, "https://chat.example/"));
  }
  await page.close();
}
await browser.close();
fs.rmSync(folder, { recursive: true });

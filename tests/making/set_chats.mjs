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

// Layouts of the kind that chat pages have: what stands beside, above and below the words is theirs too.
const with_mathml = with_katex("htmlAndMathml");
const hidden = "position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0,0,0,0);white-space:nowrap";
const icon = (fill) => `<svg width="24" height="24" viewBox="0 0 24 24"><path fill="${fill}" d="M12 2l3 7 7 3-7 3-3 7-3-7-7-3 7-3z"/></svg>`;
const tools = `<div class="tools">${icon("#999")}${icon("#999")}${icon("#999")}</div>`;
Object.assign(STYLES, {
  wide: { // a header that stays, grey bubbles on the right, names only for screen readers, a note at the foot
    formula: with_mathml, sheet: katex_sheet, print: { format: "A4", margin: { top: "0.4in", bottom: "0.4in", left: "0.4in", right: "0.4in" }, ...furnished },
    css: `body{font:16px/28px "Liberation Sans",sans-serif} main{max-width:48rem;margin:0 auto} header,footer{font-size:13px;color:#666;text-align:center}
      article{position:relative;padding:12px 0} h5{${hidden}} .bubble{background:#f4f4f4;border-radius:24px;max-width:70%;margin-left:auto;width:fit-content;padding:10px 20px;white-space:pre-wrap}
      .tools svg{width:16px;height:16px} pre{background:#f9f9f9;border-radius:12px;padding:16px;font-family:"Liberation Mono",monospace}`,
    top: `<header><b>Assistant 4</b> &#9662; <span style="float:right">Share</span></header>`, end: `<footer>This assistant can make mistakes. Check important info.</footer>`,
    user: (t) => `<article><h5>You said:</h5><div class="bubble">${t}</div></article>`,
    assistant: (t) => `<article><h5>Assistant said:</h5><div class="markdown">${t}</div>${tools}</article>`,
  },
  initials: { // a title over the chat, a person's initial in a round, both on the left; answers in a serif face
    formula: with_mathml, sheet: katex_sheet, print: { format: "Letter", margin: { top: "0.5in", bottom: "0.5in", left: "0.5in", right: "0.5in" }, printBackground: true },
    css: `body{font:16px/25px "DejaVu Serif",serif;background:#faf9f5} main{max-width:44rem;margin:0 auto} h1{font:600 15px/24px "DejaVu Sans",sans-serif;text-align:center}
      .asked{display:flex;gap:10px;background:#f0eee6;border-radius:12px;padding:10px 14px;width:fit-content;max-width:95%;margin:18px 0;font-family:"DejaVu Sans",sans-serif;font-size:15px}
      .round{flex:none;background:#3d3d3a;color:#fff;border-radius:50%;width:28px;height:28px;text-align:center;font-size:12px;line-height:28px} .words{white-space:pre-wrap}
      .answer{padding:0 6px} .thought{color:#777;font-size:13px;border:1px solid #ddd;border-radius:8px;padding:4px 10px} footer{font-size:11px;color:#888;text-align:center}`,
    top: (title) => `<h1>${title} &#9662;</h1>`, end: `<footer>The assistant can make mistakes. Please double-check responses.</footer>`,
    user: (t) => `<div class="asked"><div class="round">K</div><div class="words">${t}</div></div>`,
    assistant: (t) => `<div class="answer"><div class="thought">Thought for 9 seconds</div>${t}</div>`,
  },
  sparkle: { // the question on the right without a box, a sign before each answer
    formula: with_mathml, sheet: katex_sheet, print: { format: "A4", margin, ...furnished },
    css: `body{font:16px/26px "Liberation Sans",sans-serif} main{max-width:680px;margin:0 auto} .query{margin:24px 0 24px 30%;white-space:pre-wrap} .reply{position:relative;padding-left:44px}
      .sign{position:absolute;left:0;top:4px} .show{font-size:14px;color:#444} footer{font-size:12px;color:#666;text-align:center}`,
    top: `<b>Assistant</b> <span style="color:#666">3 Pro</span>`, end: `<footer>The assistant can display inaccurate info, including about people.</footer>`,
    user: (t) => `<div class="query">${t}</div>`,
    assistant: (t) => `<div class="reply"><div class="sign">${icon("#4285f4")}</div><div class="show">Show thinking &#9662;</div><div>${t}</div>${tools}</div>`,
  },
  thinking: { // blue bubbles on the right, the thinking in grey beside a line, a sign before each answer
    formula: with_mathml, sheet: katex_sheet, print: { format: "A4", margin, printBackground: true, ...furnished },
    css: `body{font:16px/28px "DejaVu Sans",sans-serif;background:#fff} main{max-width:740px;margin:0 auto} .asked{background:#eff6ff;border-radius:14px;max-width:80%;margin:16px 0 16px auto;width:fit-content;padding:8px 20px;white-space:pre-wrap}
      .reply{position:relative;padding-left:40px} .sign{position:absolute;left:0;top:2px} .thought{color:#8b8b8b;font-size:14px;line-height:24px;border-left:2px solid #e5e5e5;padding-left:13px;margin-bottom:10px}`,
    user: (t) => `<div class="asked">${t}</div>`,
    assistant: (t) => `<div class="reply"><div class="sign">${icon("#4d6bfe")}</div><div>Thought for 12 seconds</div><div class="thought">Let me see what is asked, and whether the dimensions fit. I should answer each part in turn.</div>${t}</div>`,
  },
  both: { // what either says in a box of its own, on its own side
    formula: with_mathml, sheet: katex_sheet, print: { format: "Letter", margin, printBackground: true, ...furnished },
    css: `body{font:15px/24px "Liberation Sans",sans-serif} main{max-width:760px;margin:0 auto} .said{border-radius:16px;padding:8px 16px;margin:12px 0;max-width:85%;width:fit-content}
      .me{background:#0b57d0;color:#fff;margin-left:auto;white-space:pre-wrap} .it{background:#f1f3f4}`,
    user: (t) => `<div class="said me">${t}</div>`,
    assistant: (t) => `<div class="said it">${t}</div>`,
  },
  dark: { // light words on a dark page, backgrounds printed
    formula: with_mathml, sheet: katex_sheet, print: { format: "A4", margin: { top: 0, bottom: 0, left: 0, right: 0 }, printBackground: true },
    css: `html{background:#212121} body{font:16px/28px "Liberation Sans",sans-serif;color:#ececec;background:#212121} main{max-width:680px;margin:0 auto;padding:30px 0} article{position:relative;margin:14px 0}
      .bubble{background:#303030;border-radius:24px;max-width:70%;margin-left:auto;width:fit-content;padding:10px 20px;white-space:pre-wrap}`,
    user: (t) => `<article><div class="bubble">${t}</div></article>`,
    assistant: (t) => `<article>${t}</article>`,
  },
  banded: { // bands across the column: a question's is white, an answer's is grey; a square sign before each
    formula: with_mathml, sheet: katex_sheet, print: { format: "Letter", margin, printBackground: true, ...furnished },
    css: `body{font:16px/28px "DejaVu Sans",sans-serif} .band{border-bottom:1px solid #ddd;padding:18px 0} .grey{background:#f7f7f8} .inner{display:flex;gap:16px;max-width:700px;margin:0 auto} .sign{flex:none;width:30px;height:30px;background:#10a37f} .me{background:#5436da} .words{white-space:pre-wrap}`,
    user: (t) => `<div class="band"><div class="inner"><div class="sign me"></div><div class="words">${t}</div></div></div>`,
    assistant: (t) => `<div class="band grey"><div class="inner"><div class="sign"></div><div>${t}</div></div></div>`,
  },
});

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
<style>body{margin:0;color:#111} table{border-collapse:collapse} ${style.css}</style></head><body><main>${typeof style.top === "function" ? style.top(escape(title)) : (style.top ?? "")}${body}${style.end ?? ""}</main></body></html>`;
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

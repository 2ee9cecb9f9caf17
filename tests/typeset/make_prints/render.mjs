// node render.mjs KATEX_FOLDER formulas.txt > page.html     one formula a page, as a chat page sets it
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

const [folder, input] = process.argv.slice(2);
const katex = createRequire(import.meta.url)(path.resolve(folder, 'dist', 'katex.js'));
const css = fs.readFileSync(path.join(folder, 'dist', 'katex.css'), 'utf8')
  .replace(/url\((fonts\/[^)]+)\)/g, (_, p) => `url(file://${path.resolve(folder, 'dist', p)})`);
const rows = fs.readFileSync(input, 'utf8').split('\n').filter(l => l.trim() && !l.startsWith('#'));
const body = rows.map(line => {
  const [, mode, ...rest] = line.split(' | ');
  const latex = rest.join(' | ').trim();
  try {
    const html = katex.renderToString(latex, { displayMode: mode.trim() === 'd', output: 'htmlAndMathml', strict: false });
    return `<div class="sheet">${html}</div>`;
  } catch (error) {
    console.error(`refused: ${latex}: ${error.message}`);
    return '<div class="sheet">refused</div>';
  }
});
process.stdout.write(`<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>f</title><style>${css}
@page { size: 14in 6in; margin: 0.2in 0.3in; }
body { font-family: "DejaVu Sans", sans-serif; margin: 0; font-size: 16px; line-height: 28px; }
.sheet { break-after: page; padding: 60px 0; }
</style></head><body>${body.join('\n')}</body></html>`);

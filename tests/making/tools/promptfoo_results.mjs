// Results as promptfoo writes them, with its echo provider: a plain prompt and a chat, two repeats, one test that fails.
//   npm install promptfoo
//   node promptfoo_results.mjs FOLDER
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const out = path.resolve(process.argv[2]);
const bin = path.resolve("node_modules/.bin/promptfoo");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "results-"));
const write = (name, text) => fs.writeFileSync(path.join(folder, name), text);
write("said.txt", String.raw`So the minimiser is $$\hat w=(X^\top X+\lambda I)^{-1}X^\top y.$$ Asked: {{question}}` + "\n");
write("chat.json", `[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "{{question}}"}]\n`);
write("promptfooconfig.yaml", `description: ridge, echoed
prompts: [file://said.txt, file://chat.json]
providers: [echo]
tests:
  - description: closed form
    vars: {question: 'closed form?'}
    assert: [{type: contains, value: lambda}]
  - vars: {question: 'limit?'}
    assert: [{type: contains, value: nothing}]
`);
const quiet = { PROMPTFOO_DISABLE_TELEMETRY: "1", PROMPTFOO_DISABLE_UPDATE: "1", PROMPTFOO_DISABLE_REMOTE_GENERATION: "1", PROMPTFOO_CONFIG_DIR: path.join(folder, "home") };
spawnSync(bin, ["eval", "--no-cache", "--repeat", "2", "-o", "promptfoo.json", "-o", "promptfoo.jsonl"], { cwd: folder, env: { ...process.env, ...quiet }, stdio: "inherit" });
for (const name of ["promptfoo.json", "promptfoo.jsonl"]) fs.copyFileSync(path.join(folder, name), path.join(out, name));
fs.rmSync(folder, { recursive: true });

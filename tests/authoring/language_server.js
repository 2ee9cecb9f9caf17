// Asks the YAML language server what an editor would: diagnostics, completion and hover under a rubric's schema.
const { spawn } = require("child_process");
const fs = require("fs");
const { pathToFileURL } = require("url");
const [schema, rubric] = process.argv.slice(2);
const server = spawn("node", ["node_modules/yaml-language-server/bin/yaml-language-server", "--stdio"]);
let waiting = {}, diagnostics = {}, buffer = Buffer.alloc(0), last = 0;
function write(message) {
  const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
  server.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
  server.stdin.write(body);
}
function ask(method, params) {
  const id = ++last;
  write({ id, method, params });
  return new Promise((done) => (waiting[id] = done));
}
server.stdout.on("data", (data) => {
  buffer = Buffer.concat([buffer, data]);
  for (;;) {
    const head = buffer.indexOf("\r\n\r\n");
    if (head < 0) return;
    const size = Number(/Content-Length: (\d+)/.exec(buffer.slice(0, head).toString())[1]);
    if (buffer.length < head + 4 + size) return;
    const said = JSON.parse(buffer.slice(head + 4, head + 4 + size));
    buffer = buffer.slice(head + 4 + size);
    if (said.method === "textDocument/publishDiagnostics") diagnostics[said.params.uri] = said.params.diagnostics;
    else if (said.method && said.id !== undefined)
      write({ id: said.id, result: said.method === "workspace/configuration" ? said.params.items.map((i) => settings[i.section] || null) : null });
    else if (waiting[said.id]) waiting[said.id](said.result);
  }
});
const yaml = { validate: true, completion: true, hover: true, schemas: { [pathToFileURL(schema).href]: "*.yaml" }, schemaStore: { enable: false } };
const settings = { yaml };
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
async function main() {
  await ask("initialize", { processId: process.pid, rootUri: null, capabilities: { textDocument: { completion: { completionItem: {} }, hover: {} }, workspace: { configuration: true } } });
  write({ method: "initialized", params: {} });
  write({ method: "workspace/didChangeConfiguration", params: { settings } });
  await pause(500);
  const good = fs.readFileSync(rubric, "utf8").replace(/^# yaml-language-server.*\n/, "");
  const bad = good.replace("when:", "wehn:");
  const part = "llmgrade: 1\nid: x\nparts:\n  - id: a\n    \n";
  const texts = { "file:///good.yaml": good, "file:///bad.yaml": bad, "file:///part.yaml": part };
  for (const [uri, text] of Object.entries(texts)) write({ method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "yaml", version: 1, text } } });
  await pause(4000);
  const offered = await ask("textDocument/completion", { textDocument: { uri: "file:///part.yaml" }, position: { line: 4, character: 4 } });
  const lines = good.split("\n"), line = lines.findIndex((l) => l.includes("derive:"));
  const hover = await ask("textDocument/hover", { textDocument: { uri: "file:///good.yaml" }, position: { line, character: lines[line].indexOf("derive") + 2 } });
  const told = (uri) => (diagnostics[uri] || []).map((d) => d.message);
  console.log(JSON.stringify({ clean: told("file:///good.yaml"), broken: told("file:///bad.yaml"), completion: offered.items.map((i) => i.label), hover: JSON.stringify(hover && hover.contents) }));
  server.kill();
}
main();

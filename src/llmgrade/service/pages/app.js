"use strict";
// What the pages do, they do through the API. Text is only ever put in as text; the one fragment of HTML comes from our own templates.
const $ = (selector, root = document) => root.querySelector(selector);
const el = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null));
  return made;
};
async function ask(method, path, body, headers = {}) {
  const json = body !== undefined && !(body instanceof Blob);
  const answer = await fetch(path, { method, body: json ? JSON.stringify(body) : body, headers: { ...(json ? { "Content-Type": "application/json" } : {}), ...headers } });
  const found = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : null;
  if (!answer.ok) throw new Error(found ? [found.detail, ...found.errors.map((e) => (e.message === found.detail ? "" : `${e.field}: ${e.message}`))].filter(Boolean).join("\n") : `the service answered ${answer.status}`);
  return found;
}
const once = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
function complain(form, error) {
  const place = $(".error", form);
  place.textContent = error ? error.message : "";
  place.hidden = !error;
}
async function busy(form, work) {
  const button = $("button.primary", form);
  button.disabled = true;
  complain(form, null);
  try { await work(); } catch (error) { complain(form, error); } finally { button.disabled = false; }
}
function droppable(form, take) {
  for (const name of ["dragenter", "dragover"]) form.addEventListener(name, (e) => { e.preventDefault(); form.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) form.addEventListener(name, () => form.classList.remove("over"));
  form.addEventListener("drop", (e) => { e.preventDefault(); if (e.dataTransfer.files.length) take([...e.dataTransfer.files]); else if ($("#chat", form)) $("#chat", form).value = e.dataTransfer.getData("text"); });
}
const later = (wait, work) => { let timer; return () => { clearTimeout(timer); timer = setTimeout(work, wait); }; };

const pages = {
  submit(form) {
    const send = async (data, name) => {
      const query = new URLSearchParams({ name: name.slice(0, 300), wait: "0" });
      if ($("#rubric").value) query.set("rubric", $("#rubric").value);
      const job = await ask("POST", `/v1/score/file?${query}`, data, { "Idempotency-Key": once() });
      location.href = job.links.page;
    };
    const file = (files) => busy(form, () => send(files[0], files[0].name));
    droppable(form, file);
    $("#file").addEventListener("change", (e) => e.target.files.length && file([...e.target.files]));
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      busy(form, async () => {
        const text = $("#chat").value;
        if (!text.trim()) { $("#chat").focus(); throw new Error("There is nothing to grade yet: paste a chat, or choose a file."); }
        const named = text.trim().split("\n").map((line) => line.replace(/[\x00-\x1f#*>`_]/g, "").replace(/^(user|assistant|you|chatgpt)\s*:?\s*/i, "").trim()).find(Boolean);
        await send(new Blob([text]), (named || "pasted chat").slice(0, 60));
      });
    });
  },
  batch(form) {
    let chosen = [];
    const take = (files) => { chosen = files; $("#chosen").textContent = `${files.length} file${files.length === 1 ? "" : "s"}`; };
    droppable(form, take);
    $("#files").addEventListener("change", (e) => take([...e.target.files]));
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      busy(form, async () => {
        if (!chosen.length) throw new Error("Choose some files first.");
        const items = await Promise.all(chosen.map(async (file) => {
          const url = await new Promise((done, fail) => { const reader = new FileReader(); reader.onload = () => done(reader.result); reader.onerror = fail; reader.readAsDataURL(file); });
          return { data: url.slice(url.indexOf(",") + 1), name: file.name.slice(0, 300) };
        }));
        const made = await ask("POST", "/v1/batches", { name: $("#name").value, items }, { "Idempotency-Key": once() });
        location.href = `/batches/${made.id}`;
      });
    });
  },
  job(page) {
    const id = page.dataset.job;
    const form = $("#dispute");
    if (form) form.addEventListener("submit", async (e) => {
      e.preventDefault();
      const [rubric, part] = $("#part").value.split(":");
      try { await ask("POST", `/v1/jobs/${id}/disputes`, { rubric, part, why: $("#why").value }); $(".said", form).textContent = "It is in the review queue."; }
      catch (error) { $(".said", form).textContent = error.message; }
    });
    if (page.dataset.state === "done" || page.dataset.state === "failed") return;
    const words = { accepted: "accepted", started: "reading and grading", done: "done", failed: "could not be graded" };
    const source = new EventSource(`/v1/jobs/${id}/events`);
    for (const kind of Object.keys(words)) source.addEventListener(kind, (e) => {
      $("#events").append(el("li", {}, words[kind] + (JSON.parse(e.data).detail ? `: ${JSON.parse(e.data).detail}` : "")));
      if (kind === "started") $("#growing").replaceChildren();
      if (kind === "done" || kind === "failed") { source.close(); location.reload(); }
    });
    source.addEventListener("part", (e) => {
      const one = JSON.parse(JSON.parse(e.data).detail);
      $("#growing").append(el("li", {}, el("b", {}, `${one.rubric} ${one.part}`), " ", el("span", { class: `chip ${one.verdict}` }, one.verdict), el("span", { class: "meta" }, one.attempt > 1 ? ` attempt ${one.attempt}` : "")));
    });
  },
  queue(list) {
    const links = [...list.querySelectorAll("a.whole")];
    addEventListener("keydown", (e) => {
      if (e.target.matches("input, textarea, select") || e.ctrlKey || e.metaKey || e.altKey || !["j", "k"].includes(e.key)) return;
      const at = links.indexOf(document.activeElement);
      links[Math.max(0, Math.min(links.length - 1, at + (e.key === "j" ? 1 : -1)))].focus();
    });
  },
  group(form) {
    const value = (name) => form.querySelector(`[name=${name}]:checked`)?.value;
    let shown = null;
    const proposal = () => ({
      verdict: value("verdict"), become: value("become"), answer: $("#answer").value,
      ...(value("become") === "pitfall" ? { pitfall: $("#pitfall").value, credit: Number($("#credit").value), say: $("#say").value } : {}),
    });
    const changed = () => {
      shown = null;
      const become = value("become") ?? "nothing";
      $("#share-more").hidden = value("verdict") !== "partial";
      if ($("#more")) { $("#more").hidden = become === "nothing"; $("#pitfall-more").hidden = become !== "pitfall"; $("#proposal").replaceChildren(); }
      $("#settle").textContent = become === "nothing" ? "Settle the group" : "Settle it and publish";
    };
    form.addEventListener("input", (e) => { if (e.target.id !== "why") changed(); });
    const show = async () => {
      if (!value("verdict")) throw new Error("Say first whether it is correct, partial or incorrect.");
      const made = await ask("POST", `/v1/review/groups/${form.dataset.group}/proposal`, proposal());
      const lines = made.diff.split("\n").map((line) => el("span", { class: line.startsWith("+") ? "add" : line.startsWith("-") ? "cut" : line.startsWith("@") ? "at" : null }, line));
      const effects = made.effects.length
        ? el("ul", { class: "plain" }, ...made.effects.map((one) => el("li", {}, el("code", {}, one.answer), ` ${one.before} → ${one.after}`, one.count ? ` (${one.count}×)` : " (not in a report)")))
        : el("p", {}, "No verdict would change.");
      const mistakes = made.diagnostics.filter((one) => one.severity === "error").map((one) => el("p", { class: "error" }, `line ${one.line}: ${one.message}`));
      $("#proposal").replaceChildren(el("h3", {}, "The rubric"), el("div", { class: "diff", tabindex: "0", role: "group", "aria-label": "Difference" }, ...lines), el("h3", {}, `Verdicts, over ${made.looked_at} answers`), effects, ...mistakes);
      $("#proposal").focus();
      shown = made;
    };
    $("#show")?.addEventListener("click", () => busy(form, show));
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      busy(form, async () => {
        const publishes = (value("become") ?? "nothing") !== "nothing";
        if (publishes && !shown) { await show(); $(".said", form).textContent = "This is what would change: settle once more to publish it."; return; }
        const made = await ask("POST", `/v1/review/groups/${form.dataset.group}/decision`, { verdict: value("verdict"), why: $("#why").value, ...(value("verdict") === "partial" ? { credit: Number($("#share").value) } : {}), ...(publishes ? { proposal: proposal(), base: shown.base } : {}) });
        const next = form.dataset.next;
        form.replaceChildren(el("p", { id: "settled", role: "status", tabindex: "-1" }, made.rubric_number ? `Settled. Version ${made.rubric_number} of ${made.rubric} is published; ${made.regraded} chat${made.regraded === 1 ? " is" : "s are"} graded again.` : `Settled. It counts in ${made.reports} report${made.reports === 1 ? "" : "s"}.`), el("p", { class: "row" }, next ? el("a", { class: "button", href: `/review/${next}` }, "The next group") : "", el("a", { href: "/review" }, "The queue")));
        $("#settled").focus();
      });
    });
  },
  editor(page) {
    const text = $("#text"), part = $("#part"), answer = $("#answer");
    const id = () => page.dataset.name || $("#id").value;
    let turn = 0, tried = 0;
    let colleague;
    const check = async (thorough = false) => {
      const mine = ++turn;
      clearTimeout(colleague);
      try {
        const found = await ask("POST", "/v1/rubrics/check", { id: id(), text: text.value, thorough });
        if (mine !== turn) return;
        if (found.ok && !thorough) colleague = setTimeout(() => check(true), 1500);
        const rows = found.diagnostics.map((one) => {
          const link = el("a", { href: "#text" }, `${one.line}:${one.column}`);
          link.addEventListener("click", (e) => { e.preventDefault(); text.focus(); text.setSelectionRange(one.start, Math.max(one.stop, one.start + 1)); text.scrollTop = (one.line - 5) * parseFloat(getComputedStyle(text).lineHeight); });
          return el("div", { class: "finding" }, link, ` ${one.severity === "error" ? "" : one.severity + ": "}${one.message}`, one.hint ? el("p", { class: "meta" }, one.hint) : null);
        });
        $("#checks").replaceChildren(...(rows.length ? rows : [el("p", {}, "Nothing to find fault with.")]));
        if (found.ok && !thorough) {
          const kept = part.value;
          part.replaceChildren(...found.parts.map((name) => el("option", {}, name)));
          if (found.parts.includes(kept)) part.value = kept;
          preview();
        }
      } catch (error) { if (mine === turn) $("#checks").replaceChildren(el("p", { class: "error" }, error.message)); }
    };
    const preview = async () => {
      const mine = ++tried;
      if (!answer.value.trim() || !part.value) { $("#preview").replaceChildren(); return; }
      try {
        const found = await ask("POST", "/v1/rubrics/preview", { id: id(), text: text.value, part: part.value, answer: answer.value });
        if (mine !== tried) return;
        $("#preview").replaceChildren(
          el("p", { class: "row" }, el("span", { class: `chip ${found.verdict}` }, found.verdict), `credit ${found.credit}`, ...found.pitfalls.map((one) => el("span", { class: "pitfall" }, one))),
          ...found.feedback.map((one) => el("p", { class: "feedback" }, one)), ...found.claims.map((one) => el("p", { class: "evidence" }, one.evidence.detail)));
      } catch (error) { if (mine === tried) $("#preview").replaceChildren(el("p", { class: "error" }, error.message)); }
    };
    text.addEventListener("input", later(350, () => check()));
    answer.addEventListener("input", later(350, preview));
    part.addEventListener("change", preview);
    check();
    const form = $("#publish");
    form?.addEventListener("submit", (e) => {
      e.preventDefault();
      busy(form, async () => {
        const made = await ask("PUT", `/v1/rubrics/${id()}`, { text: text.value, why: $("#why").value }, page.dataset.etag ? { "If-Match": page.dataset.etag } : {});
        page.dataset.etag = `"${made.number}-${made.version}"`;
        $(".said", form).textContent = `Version ${made.number} is published.`;
        if (!page.dataset.name) location.href = `/rubrics/${made.id}`;
      });
    });
  },
  refresh() { setTimeout(() => { if (!document.hidden) location.reload(); }, 3000); },
};
// What is wider than its place scrolls, and then the keyboard must reach it.
const reach = () => { for (const one of document.querySelectorAll(".formula, pre")) if (one.scrollWidth > one.clientWidth && one.clientWidth) one.tabIndex = 0; else one.removeAttribute("tabindex"); };
addEventListener("toggle", reach, true);
addEventListener("resize", later(200, reach));
reach();
for (const place of document.querySelectorAll("[data-page]")) pages[place.dataset.page](place);

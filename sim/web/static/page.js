"use strict";
// The page's state is its address: the form is written into it, and a stream of answers is opened from it.

const at = (id) => document.getElementById(id);
const params = () => new URLSearchParams(address);
let address = document.body.dataset.address;
let source = null;     // the open stream
let begun = 0;         // when it was opened
let shown = true;      // whether it has shown a pair
let later = 0;         // a timer: the last move has not been sent yet
let before = null;     // address before the last change
let after = null;      // address after it, once somebody has stepped back
let pairs = params().get("pairs");

function read(lever) {
  const one = (name) => lever.querySelector(`.${name}`);
  const control = one("value");
  const value = control.multiple ? [...control.selectedOptions].map((o) => o.value).join(",") : control.value;
  const words = (text) => text.split(",").map((word) => word.trim()).filter(Boolean).join("|");
  return [value, one("on").value, one("ramp")?.value ?? "", words(one("states")?.value ?? ""), one("instrument")?.value ?? ""];
}

function moved(lever) {
  // The lever's part of the address; nothing where it stands as the policy that one starts from has it.
  const [value, ...rest] = read(lever);
  const begins = JSON.parse(lever.dataset.begins);
  const today = lever.dataset.today;
  const same = (one, other) => one === other || (one !== "" && other !== "" && Number(one) === Number(other));
  const untouched = same(begins[0], today);
  if (same(value, today) && untouched) return null;
  if (same(value, today)) return "today";
  const states = begins[3].split(",").map((word) => word.trim()).filter(Boolean).join("|");
  const where = rest[0] === begins[1] && rest[1] === begins[2] && rest[2] === states && (rest[3] === begins[4] || untouched);
  if (same(value, begins[0]) && where) return null;
  return [value, ...rest].join("~").replace(/~+$/, "");
}

function written() {
  const query = new URLSearchParams();
  const start = at("scenario");
  if (start.value === "" && start.dataset.file) query.set("file", start.dataset.file);
  else if (start.value !== "status_quo") query.set("scenario", start.value);
  for (const lever of document.querySelectorAll(".lever")) {
    const part = moved(lever);
    if (part !== null) query.set(lever.dataset.lever, part);
  }
  const kept = params().get("kept");
  if (kept !== null) query.set("kept", kept);
  if (at("courts").checked) query.set("courts", "overloaded");
  if (!at("ensemble").checked) query.set("worlds", "one");
  if (pairs) query.set("pairs", pairs);
  const states = at("country").value.split(",").map((word) => word.trim()).filter(Boolean).join("|");
  if (states) query.set("country", states);
  return query.toString();
}

function say(lever) {
  // Named level beside the physical unit.
  const output = lever.querySelector("output");
  if (!output) return;
  const value = Number(lever.querySelector(".value").value);
  const units = { RATIO: [1, " × today's"], SHARE: [100, " %"], DAYS: [1, " days"], YEARS: [1, " years"] };
  const [factor, unit] = units[lever.dataset.unit];
  const notches = JSON.parse(lever.dataset.notches);
  const near = notches.findIndex(([level]) => level >= value - 1e-9);
  const exact = Math.abs(notches[near][0] - value) < 1e-9;
  const words = exact ? notches[near][1] : `between “${notches[near - 1][1]}” and “${notches[near][1]}”`;
  const number = `${Math.round(value * factor * 100) / 100}${unit}`;
  output.textContent = exact && words === "as today" ? words : `${number}: ${words}`;
  lever.querySelector(".value").setAttribute("aria-valuetext", output.textContent);
}

function change() {
  // Called for every movement: throttled, so that answers come while a slider is held.
  document.querySelectorAll(".lever").forEach(say);
  const next = written();
  if (next === address) return;
  clearTimeout(later);
  const since = performance.now() - begun;
  if (!shown && since < 600) { later = setTimeout(change, 600 - since); return; }
  go(next);
}

function go(next, step = false) {
  if (!step && next !== address) { before = address; after = null; }
  address = next;
  history.replaceState(null, "", next ? `/?${next}` : "/");
  links();
  open();
}

function links() {
  at("download").href = `/policy.yaml?${address}`;
  at("table").href = `/differences.csv?${address}`;
  at("life").href = `/life?${address}`;
  at("request").href = `/request?${address}`;
  at("back").disabled = before === null;
  at("forward").disabled = after === null;
  const kept = params().get("kept") !== null;
  at("drop").hidden = at("slot").hidden = !kept;
}

function open() {
  if (source) source.close();
  begun = performance.now();
  shown = false;
  document.body.classList.add("stale");
  document.body.dataset.streams = Number(document.body.dataset.streams ?? 0) + 1;
  source = new EventSource(`/stream?${address}`);
  source.addEventListener("worlds", (event) => { at("worlds").textContent = JSON.parse(event.data).words; });
  source.addEventListener("end", () => source.close());  // nothing more will come
  source.addEventListener("answer", (event) => show(JSON.parse(event.data)));
  source.addEventListener("problem", (event) => { source.close(); complain(JSON.parse(event.data).problem); });
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) at("status").textContent = "The page has no answer: too many are open, or Comity has ended.";
    else at("status").textContent = "The connection was lost; trying again.";
  };
}

function show(answer) {
  at("status").textContent = answer.status;
  at("notes").textContent = [...answer.notes, ...answer.failures].join(" ");
  at("command").textContent = answer.command;
  if (!answer.pairs && !answer.finished) return;
  shown = true;
  document.body.classList.remove("stale");
  at("headline").textContent = answer.headline;
  at("against").textContent = answer.against;
  for (const [id, html] of Object.entries(answer.parts)) at(id).innerHTML = html;  // the server's own, escaped there
  at("more").hidden = !answer.finished || answer.wanted >= 100;
  if (answer.finished || answer.pairs === 5) at("said").textContent = `${answer.headline} ${answer.status}`;
  document.body.dataset.pairs = answer.pairs;
  document.body.dataset.finished = answer.finished;
}

function complain(problem) {
  at("problem").hidden = !problem;
  at("problem").textContent = problem;
}

async function start(next, step = false) {
  // Another policy to start from: its levers come from the server.
  const answer = await (await fetch(`/form?${next}`)).json();
  if (answer.problem) { complain(answer.problem); return; }
  at("levers").innerHTML = answer.levers;
  complain("");
  at("title").textContent = answer.title;
  at("slot").querySelector("b").textContent = answer.kept;
  const choice = at("scenario");
  const file = new URLSearchParams(answer.address).get("file") ?? "";
  [...choice.options].filter((option) => option.value === "").forEach((option) => option.remove());
  choice.dataset.file = file;
  if (file) choice.prepend(new Option("an opened file", ""));
  choice.value = file ? "" : answer.scenario;
  at("courts").checked = answer.overloaded;
  at("ensemble").checked = !answer.one_world;
  document.querySelectorAll(".lever").forEach(say);
  go(answer.address, step);
}

function without(...keys) {
  const query = params();
  for (const key of [...query.keys()]) if (keys.includes(key) || key.includes(".")) query.delete(key);
  return query;
}

async function load() {
  const file = at("open").files[0];
  if (!file) return;
  const response = await fetch(`/file?${without("scenario", "file")}`, { method: "POST", body: await file.slice(0, 1000000).text() });
  const answer = await response.json();
  at("open").value = "";
  if (answer.problem) complain(answer.problem.replaceAll("policy.yaml", file.name));
  else await start(answer.address);
}

at("policy").addEventListener("input", (event) => { if (!event.target.closest("#scenario, #files")) change(); });
at("policy").addEventListener("submit", (event) => event.preventDefault());
at("scenario").addEventListener("change", () => {
  const query = without("scenario", "file");
  query.set("scenario", at("scenario").value);
  start(query.toString());
});
at("open").addEventListener("change", load);
at("country").addEventListener("change", change);
at("keep").addEventListener("click", () => {
  const query = params();
  const draft = new URLSearchParams([...query].filter(([key]) => key === "scenario" || key === "file" || key.includes(".")));
  query.set("kept", draft.toString() || "scenario=status_quo");
  start(query.toString());
});
at("drop").addEventListener("click", () => { const query = params(); query.delete("kept"); start(query.toString()); });
at("more").addEventListener("click", () => {
  pairs = String(Number(pairs || 20) + 20);
  go(written());
});
at("back").addEventListener("click", () => { const [from, to] = [address, before]; before = null; start(to, true).then(() => { after = from; links(); }); });
at("forward").addEventListener("click", () => { const [from, to] = [address, after]; after = null; start(to, true).then(() => { before = from; links(); }); });
document.querySelectorAll(".lever").forEach(say);
links();
open();

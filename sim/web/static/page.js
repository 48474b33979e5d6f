"use strict";
// The page's state is its address: the form is written into it, and a stream of answers is opened from it.

const at = (id) => document.getElementById(id);
const params = () => new URLSearchParams(address);
const listed = (text) => text.split(",").map((word) => word.trim()).filter(Boolean);
let address = document.body.dataset.address;
let source = null;     // the open stream
let begun = 0;         // when it was opened
let shown = true;      // whether it has shown a pair
let later = 0;         // a timer: the last move has not been sent yet
let place = history.state?.at ?? 0;  // which entry of the browser's history this is, and the last that there is
let last = place;
let gesture = false;   // whether a control is being moved: all of one movement is one step back
let pairs = params().get("pairs");

function read(lever) {
  const one = (name) => lever.querySelector(`.${name}`);
  const control = one("value");
  const value = control.multiple ? [...control.selectedOptions].map((o) => o.value).join(",") : control.value;
  return [value, one("on").value, one("ramp")?.value ?? "", listed(one("states")?.value ?? "").join("|"), one("instrument")?.value ?? ""];
}

function moved(lever) {
  // The lever's part of the address; nothing where it stands as the policy that one starts from has it.
  const [value, ...rest] = read(lever);
  const begins = JSON.parse(lever.dataset.begins);
  const today = lever.dataset.today;
  const same = (one, other) => one === other || (one !== "" && other !== "" && Number(one) === Number(other));
  const untouched = same(begins[0], today);
  if (same(value, today)) return untouched ? null : "today";
  const where = rest[0] === begins[1] && rest[1] === begins[2] && rest[2] === listed(begins[3]).join("|") && (rest[3] === begins[4] || untouched);
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
  const states = listed(at("country").value).join("|");
  if (states) query.set("country", states);
  for (const key of ["name", "kept_name"]) if (at(key).value.trim() && (key === "name" || kept !== null)) query.set(key, at(key).value.trim());
  return query.toString();
}

function say(lever) {
  // Today's unit and the named level.
  const output = lever.querySelector("output");
  if (!output) return;
  const control = lever.querySelector(".value"), value = Number(control.value === "" ? 1 : control.value);
  const units = { RATIO: [1, " × today's"], SHARE: [100, " %"], DAYS: [1, " days"], YEARS: [1, " years"] };
  const [factor, unit] = units[lever.dataset.unit] ?? [1, ""];
  const notch = JSON.parse(lever.dataset.notches ?? "[]").find(([level]) => Math.abs(level - value) < 1e-9);
  const exact = `${Math.round(value * factor * 100) / 100}${unit}`;
  const words = notch ? notch[1] : control.value === "" ? "" : exact;
  const count = "count" in lever.dataset ? Number(lever.dataset.count) : null;
  const number = (many) => Math.round(many).toLocaleString("fr").replace(/\s/g, "\u202f");
  const counted = count === null ? "" : value === 1 ? `${number(count)} ${lever.dataset.counted}` : `${number(value * count)} ${lever.dataset.counted} instead of ${number(count)}`;
  const plain = notch && count === null && words !== "as today" ? exact : "";
  output.textContent = [counted || plain, words].filter(Boolean).join(": ");
  if (lever.dataset.said && moved(lever) === null)  // as the file has it, which the control cannot show
    output.textContent = `${lever.dataset.said}${count === null ? "" : ` (today ${number(count)} ${lever.dataset.counted})`}`;
  control.setAttribute("aria-valuetext", output.textContent);
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

function settle() {
  // The end of a movement: what waits is sent, and the next movement is a step of its own.
  clearTimeout(later);
  document.querySelectorAll(".lever").forEach(say);
  if (written() !== address) go(written());
  gesture = false;
}

function go(next, step = false) {
  // Each change is an entry of the browser's history, so that its own buttons undo and redo too.
  const url = next ? `/?${next}` : "/";
  if (step || gesture || next === address) history.replaceState({ at: place }, "", url);
  else history.pushState({ at: last = ++place }, "", url);
  gesture = !step;
  address = next;
  links();
  open();
}

function links() {
  at("download").href = `/policy.yaml?${address}`;
  at("table").href = `/differences.csv?${address}`;
  at("back").disabled = place === 0;
  at("forward").disabled = place === last;
  const kept = params().get("kept") !== null, policy = [...params().keys()].some(ofPolicy);
  at("reset").disabled = !policy;
  at("drop").hidden = !kept;
  at("name").placeholder = kept ? "B" : "Policy";
  for (const part of document.querySelectorAll(".slot")) part.hidden = !kept;
  if (at("league")) at("league").hidden = policy || kept;
  const picked = (params().get("country") ?? "").split("|");
  for (const tile of document.querySelectorAll(".tile")) tile.setAttribute("aria-pressed", picked.includes(tile.dataset.code));
}

function gone(words) {
  // What stands on the page stays there, and it is said that it is old.
  at("gone").hidden = !words;
  at("gone").textContent = words;
}

const LOST = "Comity does not answer: what stands here are the last numbers that came. The page tries again by itself. If that does not help, start `comity dashboard` again and leave this page open.";

async function ask(path, options) {
  // An answer of the server; asked for again until there is one.
  for (;;) {
    try {
      const answer = await (await fetch(path, options)).json();
      gone("");
      return answer;
    } catch {
      gone(LOST);
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
}

function open() {
  if (source) {
    source.close();
    at("basis").hidden = true;
    at("older").hidden = false;
  }
  begun = performance.now();
  shown = false;
  document.body.classList.add("stale");
  document.body.dataset.streams = Number(document.body.dataset.streams ?? 0) + 1;
  source = new EventSource(`/stream?${address}`);
  source.addEventListener("worlds", (event) => { at("worlds").textContent = JSON.parse(event.data).words; });
  source.addEventListener("end", () => source.close());  // nothing more will come
  source.addEventListener("answer", (event) => show(JSON.parse(event.data)));
  source.addEventListener("problem", (event) => { source.close(); complain(JSON.parse(event.data).problem); });
  source.onopen = () => gone("");
  source.onerror = () => gone(source.readyState === EventSource.CLOSED ? "The page has no answer: too many pages of it are open. Close one and load this one again." : LOST);
}

function show(answer) {
  at("status").textContent = answer.status;
  at("notes").textContent = [...answer.notes, ...answer.failures].join(" ");
  at("command").textContent = answer.command;
  at("title").textContent = answer.title;
  for (const [name, count] of Object.entries(answer.counts)) {
    const lever = document.querySelector(`.lever[data-lever="${CSS.escape(name)}"]`);
    if (lever && count !== null && "count" in lever.dataset) { lever.dataset.count = count; say(lever); }
  }
  if (!answer.pairs && !answer.finished && !answer.basis) return;
  shown = answer.pairs > 0 || answer.finished;
  document.body.classList.remove("stale");
  at("older").hidden = true;
  at("basis").hidden = !answer.basis;
  at("basis").textContent = answer.basis;
  at("headline").textContent = answer.headline;
  at("against").textContent = answer.against;
  for (const [id, html] of Object.entries(answer.parts)) at(id).innerHTML = html;  // the server's own, escaped there
  at("more").hidden = !answer.finished || answer.wanted >= 100;
  if (answer.finished || answer.pairs === 5) at("said").textContent = `${answer.headline} ${answer.heard} ${answer.status}`;
  document.body.dataset.pairs = answer.pairs;
  document.body.dataset.finished = answer.finished;
}

function complain(problem) {
  at("problem").hidden = !problem;
  at("problem").textContent = problem;
}

async function start(next, step = false) {
  // Another policy to start from: its levers come from the server.
  gesture = false;
  const answer = await ask(`/form?${next}`);
  if (answer.problem) { complain(answer.problem); return; }
  at("levers").innerHTML = answer.levers;
  complain("");
  at("title").textContent = answer.title;
  at("slot").querySelector("b").textContent = answer.kept;
  const choice = at("scenario");
  const query = new URLSearchParams(answer.address), file = query.get("file") ?? "";
  [...choice.options].filter((option) => option.value === "").forEach((option) => option.remove());
  choice.dataset.file = file;
  if (file) choice.prepend(new Option("an opened file", ""));
  choice.value = file ? "" : answer.scenario;
  at("courts").checked = answer.overloaded;
  at("ensemble").checked = !answer.one_world;
  for (const key of ["name", "kept_name", "country"]) at(key).value = (query.get(key) ?? "").replaceAll("|", ", ");
  pairs = query.get("pairs");
  document.querySelectorAll(".lever").forEach(say);
  go(answer.address, step);
  gesture = false;
}

const ofPolicy = (key) => key === "scenario" || key === "file" || key.includes(".");

function without() {
  // The address without its policy.
  const query = params();
  for (const key of [...query.keys()]) if (ofPolicy(key) || key === "name") query.delete(key);
  return query;
}

async function load() {
  const file = at("open").files[0];
  if (!file) return;
  const answer = await ask(`/file?${without()}`, { method: "POST", body: await file.slice(0, 1000000).text() });
  at("open").value = "";
  if (answer.problem) complain(answer.problem.replaceAll("policy.yaml", file.name));
  else await start(answer.address);
}

function pick(tile) {
  // A tile of the map puts its state among those in view, or takes it out.
  const words = listed(at("country").value), code = tile.dataset.code;
  at("country").value = (words.includes(code) ? words.filter((word) => word !== code) : [...words, code]).join(", ");
  settle();
}

function walk(tile, key) {
  // The nearest tile in the direction of an arrow key; one tile is in the order of the tab key.
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  if (!way) return false;
  const far = (other) => {
    const [dx, dy] = [other.dataset.x - tile.dataset.x, other.dataset.y - tile.dataset.y];
    const along = dx * way[0] + dy * way[1], across = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
    return along > 0 && across <= along ? along + 2 * across : Infinity;
  };
  const next = [...at("map").querySelectorAll(".tile")].sort((one, other) => far(one) - far(other))[0];
  if (far(next) < Infinity) { tile.tabIndex = -1; next.tabIndex = 0; next.focus(); }
  return true;
}

const inPolicy = (event) => !event.target.closest("#scenario, #files");
at("policy").addEventListener("input", (event) => { if (inPolicy(event)) change(); });
at("policy").addEventListener("change", (event) => { if (inPolicy(event)) settle(); });
at("policy").addEventListener("submit", (event) => event.preventDefault());
at("scenario").addEventListener("change", () => {
  const query = without();
  query.set("scenario", at("scenario").value);
  start(query.toString());
});
at("open").addEventListener("change", load);
for (const id of ["country", "name", "kept_name"]) at(id).addEventListener("change", settle);
at("map").addEventListener("click", (event) => { const tile = event.target.closest(".tile"); if (tile) pick(tile); });
at("map").addEventListener("keydown", (event) => {
  const tile = event.target.closest(".tile");
  if (!tile) return;
  if (event.key === "Enter" || event.key === " ") pick(tile);
  else if (!walk(tile, event.key)) return;
  event.preventDefault();
});
at("keep").addEventListener("click", () => {
  const query = params();
  const draft = new URLSearchParams([...query].filter(([key]) => ofPolicy(key)));
  query.set("kept", draft.toString() || "scenario=status_quo");
  query.delete("kept_name");
  if (query.get("name")) query.set("kept_name", query.get("name"));
  query.delete("name");
  start(query.toString());
});
at("drop").addEventListener("click", () => { const query = params(); query.delete("kept"); query.delete("kept_name"); start(query.toString()); });
at("reset").addEventListener("click", () => start(without().toString()));
at("more").addEventListener("click", () => {
  pairs = String(Number(pairs || 20) + 20);
  settle();
});
at("back").addEventListener("click", () => history.back());
at("forward").addEventListener("click", () => history.forward());
addEventListener("popstate", (event) => { place = event.state?.at ?? 0; start(location.search.slice(1), true); });
history.replaceState({ at: place }, "");
document.querySelectorAll(".lever").forEach(say);
links();
open();

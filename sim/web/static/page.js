"use strict";
// The page's state is its address: the form is written into it, and a stream of answers is opened from it.

const at = (id) => document.getElementById(id);
const params = () => new URLSearchParams(address);
const listed = (text) => text.split(",").map((word) => word.trim()).filter(Boolean);
let address = at("main").dataset.address;
let source = null;     // the open stream
let begun = 0;         // when it was opened
let shown = true;      // whether it has shown a pair
let later = 0;         // a timer: the last move has not been sent yet
let place = history.state?.at ?? 0;  // which entry of the browser's history this is, and the last that there is
let last = place;
let starts = 0;        // how often another policy was started from: only the last one is shown
let gesture = false;   // whether a control is being moved: all of one movement is one step back

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
  begins[3] = listed(begins[3].replaceAll("|", ",")).join("|");  // as the control gives them
  const today = lever.dataset.today;
  const same = (one, other) => one === other || (one !== "" && other !== "" && Number(one) === Number(other));
  const untouched = same(begins[0], today);
  if (same(value, today)) return untouched ? null : "today";
  const where = rest.slice(0, 3).every((one, i) => one === begins[i + 1]) && (rest[3] === begins[4] || untouched);
  if (same(value, begins[0]) && where) return null;
  return [value, ...rest].join("~").replace(/~+$/, "");
}

function written() {
  const query = new URLSearchParams();
  const start = at("scenario");
  if (start.value === "") query.set("file", start.dataset.file);
  else if (start.value !== "status_quo") query.set("scenario", start.value);
  for (const lever of document.querySelectorAll(".lever")) {
    const part = moved(lever);
    if (part !== null) query.set(lever.dataset.lever, part);
  }
  for (const key of ["kept", "pairs"]) if (params().has(key)) query.set(key, params().get(key));
  if (at("courts").checked) query.set("courts", "overloaded");
  if (!at("ensemble").checked) query.set("worlds", "one");
  const states = listed(at("country").value).join("|");
  if (states) query.set("country", states);
  for (const key of ["name", "kept_name"]) if (at(key)?.value.trim()) query.set(key, at(key).value.trim());
  return query.toString();
}

function say(lever) {
  // What stands under a slider: the server's words for its place, or how a file has it, which it cannot show.
  const output = lever.querySelector("output"), control = lever.querySelector(".value");
  if (!output) return;
  const words = JSON.parse(lever.dataset.words)[Math.round((control.value - control.min) / control.step)] ?? "";
  output.textContent = moved(lever) === null && lever.dataset.said || words;
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

function settle(next = written()) {
  // The end of a movement: what waits is sent, and the next movement is a step of its own.
  clearTimeout(later);
  document.querySelectorAll(".lever").forEach(say);
  if (next !== address) go(next);
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
  at("reset").disabled = ![...params().keys()].some(ofPolicy);
  if (at("league")) at("league").hidden = !at("reset").disabled || params().has("kept");
  const picked = (params().get("country") ?? "").split("|");
  for (const tile of document.querySelectorAll(".tile")) tile.setAttribute("aria-pressed", picked.includes(tile.dataset.code));
}

function gone(words) {
  // What stands on the page stays there, and it is said that it is old.
  at("gone").hidden = !words;
  at("gone").textContent = words;
}

const LOST = "Comity does not answer: what stands here are the last numbers that came. The page tries again by itself. If that does not help, start `comity dashboard` again and leave this page open.";

const REFUSED = {
  403: "Comity runs with another key now: open the address that its terminal shows, in this browser. This page resumes by itself then.",
  503: "The page has no answer: too many pages of it are open. Close one. This page tries again by itself.",
};

async function ask(path, options) {
  // An answer of the server; asked for again until there is one.
  for (;;) {
    const answer = await fetch(path, options).catch(() => null);
    if (answer?.ok) { gone(""); return answer.text(); }
    gone(REFUSED[answer?.status] ?? LOST);
    await new Promise((resolve) => setTimeout(resolve, 2000));
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
  source.onerror = () => { gone(LOST); if (source.readyState === EventSource.CLOSED) reopen(source); };
}

async function reopen(refused) {
  // A browser opens a stream again whose line was cut, and not one that was refused.
  const answer = await fetch("/static/page.css", { method: "HEAD" }).catch(() => null);
  gone(REFUSED[answer?.ok ? 503 : answer?.status] ?? LOST);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  if (source === refused) open();
}

function show(answer) {
  for (const id of ["status", "command", "title"]) at(id).textContent = answer[id];
  at("notes").textContent = [...answer.notes, ...answer.failures].join(" ");
  for (const [name, words] of Object.entries(answer.words)) {
    const lever = document.querySelector(`.lever[data-lever="${CSS.escape(name)}"]`);
    lever.dataset.words = JSON.stringify(words);
    say(lever);
  }
  if (!answer.pairs && !answer.finished && !answer.basis) return;
  shown = answer.pairs > 0 || answer.finished;
  document.body.classList.remove("stale");
  at("older").hidden = true;
  at("basis").hidden = !answer.basis;
  for (const id of ["basis", "headline", "against"]) at(id).textContent = answer[id];
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
  // Another policy to start from: the page of its address comes from the server.
  const mine = ++starts, focus = document.activeElement.id;
  const page = new DOMParser().parseFromString(await ask(`/?${next}`), "text/html");
  if (mine !== starts) return;
  source?.close();
  source = null;
  at("main").replaceWith(page.getElementById("main"));
  at(focus)?.focus();
  document.querySelectorAll(".lever").forEach(say);
  gesture = false;
  go(at("main").dataset.address, step);
  gesture = false;
}

const ofPolicy = (key) => key === "scenario" || key === "file" || key.includes(".");

function changed(edit, ...without) {
  // The address without some of its parts, edited.
  const query = params();
  for (const key of without.flat()) query.delete(key);
  edit?.(query);
  return query.toString();
}

const policyKeys = () => [...params().keys()].filter(ofPolicy);

async function load() {
  const file = at("open").files[0];
  if (!file) return;
  const bare = changed(null, policyKeys(), "name");
  const answer = JSON.parse(await ask(`/file?${bare}`, { method: "POST", body: file.slice(0, 1000000) }));
  at("open").value = "";
  if (answer.problem) complain(answer.problem.replaceAll("policy.yaml", file.name));
  else await start(answer.address);
}

function pick(code) {
  // A tile of the map puts its state among those in view, or takes it out.
  const words = listed(at("country").value);
  at("country").value = (words.includes(code) ? words.filter((word) => word !== code) : [...words, code]).join(", ");
  settle();
}

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function reach(tile) {
  // One tile at a time is in the order of the Tab key: the one that was reached last.
  for (const other of document.querySelectorAll('.tile[tabindex="0"]')) other.setAttribute("tabindex", -1);
  tile.setAttribute("tabindex", 0);
  tile.focus();
}

function walk(tile, [right, down]) {
  // To the nearest tile in a direction; one that lies more aside than ahead is not in it.
  let next = null, nearest = Infinity;
  for (const other of document.querySelectorAll(".tile")) {
    const [x, y] = [other.dataset.x - tile.dataset.x, other.dataset.y - tile.dataset.y];
    const ahead = x * right + y * down, aside = Math.abs(x * down) + Math.abs(y * right);
    if (ahead > 0 && aside <= ahead && ahead + 2 * aside < nearest) [next, nearest] = [other, ahead + 2 * aside];
  }
  if (next) reach(next);
}

const ACTIONS = {
  keep: () => start(changed((query) => {
    const draft = new URLSearchParams([...query].filter(([key]) => ofPolicy(key)));
    query.set("kept", draft.toString() || "scenario=status_quo");
    if (params().has("name")) query.set("kept_name", params().get("name"));
  }, "name", "kept_name")),
  drop: () => start(changed(null, "kept", "kept_name")),
  reset: () => start(changed(null, policyKeys(), "name")),
  more: () => settle(changed((query) => query.set("pairs", Number(query.get("pairs") ?? 20) + 20))),
  back: () => history.back(),
  forward: () => history.forward(),
};
const TYPED = "#levers, #assumptions, #country, #name, #kept_name";
document.addEventListener("input", (event) => { if (event.target.closest("#levers, #assumptions")) change(); });
document.addEventListener("change", (event) => {
  if (event.target.id === "scenario") start(changed((query) => query.set("scenario", event.target.value), policyKeys(), "name"));
  else if (event.target.id === "open") load();
  else if (event.target.closest(TYPED)) settle();
});
document.addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("click", (event) => {
  const tile = event.target.closest(".tile");
  if (tile) { reach(tile); pick(tile.dataset.code); }
  else ACTIONS[event.target.id]?.();
});
document.addEventListener("keydown", (event) => {
  const tile = event.target.closest(".tile");
  if (!tile || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Enter" || event.key === " ") pick(tile.dataset.code);
  else if (WAYS[event.key]) walk(tile, WAYS[event.key]);
  else return;
  event.preventDefault();  // the page does not scroll
});
addEventListener("popstate", (event) => { place = event.state?.at ?? 0; start(location.search.slice(1), true); });
history.replaceState({ at: place }, "");
document.querySelectorAll(".lever").forEach(say);
links();
open();

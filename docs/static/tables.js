// Long tables: the rows stand in the page, and those are shown that hold every word that is typed.
const MOST = 25;

function element(name, text = "", attributes = {}) {
  const made = Object.assign(document.createElement(name), attributes);
  made.textContent = text;
  return made;
}

// A name may be folded behind a dot or an underscore, and nowhere else.
const foldable = (name) => name.replace(/[._]/g, "$&\u200b");

function long(cell) {
  cell.classList.toggle("long", cell.textContent.length > 40);
  return cell;
}

for (const place of document.querySelectorAll("div.filtered")) {
  const [head, ...rows] = JSON.parse(place.querySelector("script").textContent);
  const texts = rows.map((row) => row.join(" ").toLowerCase());
  const label = element("label", "Rows that hold ");
  const words = element("input", "", { type: "search", placeholder: "one or more words" });
  const count = element("p");
  const all = element("button", "Show all", { type: "button" });
  const scrolled = element("div", "", { className: "rows", tabIndex: 0 });
  const [table, top, body] = ["table", "thead", "tbody"].map((name) => element(name));
  const line = element("tr");
  let most = MOST;

  function show() {
    const asked = words.value.toLowerCase().split(/\s+/);
    const found = rows.filter((_, at) => asked.every((word) => texts[at].includes(word)));
    const lines = found.slice(0, most).map((row) => {
      const made = element("tr");
      made.append(...row.map((cell, at) => at ? long(element("td", cell)) : element("th", foldable(cell), { scope: "row" })));
      return made;
    });
    body.replaceChildren(...lines);
    count.textContent = `${lines.length} of ${rows.length} rows are shown. `;
    all.hidden = lines.length === found.length;
    count.append(all);
  }

  count.setAttribute("aria-live", "polite");
  scrolled.setAttribute("role", "group");
  scrolled.setAttribute("aria-label", "Table");
  words.addEventListener("input", () => { most = MOST; show(); });
  all.addEventListener("click", () => { most = rows.length; show(); });
  line.append(...head.map((name) => element("th", name.replaceAll("_", " "), { scope: "col" })));
  top.append(line);
  table.append(top, body);
  scrolled.append(table);
  label.append(words);
  place.append(label, count, scrolled);
  show();
}

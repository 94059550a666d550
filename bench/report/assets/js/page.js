// The page: read the data, show what the address asks for.

const SECTIONS = [
  ["budgets", "Budgets", (data, sample, order) => budgetSection(sample, order)],
  ["chooser", "Which should I use?", (data, sample) => chooserSection(data, sample)],
  ["leaderboard", "Leaderboard", (data, sample) => leaderboardSection(sample)],
  ["verdicts", "Verdicts", (data, sample) => verdictSection(sample)],
  ["closeness", "How close", (data, sample, order) => closenessSection(sample, order)],
  ["anytime", "How soon", (data, sample, order) => anytimeSection(sample, order)],
  ["kinds", "For which topology", (data, sample, order) => kindSection(sample, order)],
  ["instances", "Instances", (data, sample, order) => instanceSection(data, sample, order)],
  ["strategies", "Strategies", (data, sample) => strategySection(data, sample)],
  ["failures", "Failures, retries and flags", (data) => failureSection(data)],
  ["provenance", "What was run", (data) => provenanceSection(data)],
];
const SCOPED = ["verdicts", "closeness", "anytime", "kinds"];

const page = { data: null, samples: [], sample: null, order: [] };

function sampleOf(packed) {
  const tables = Object.fromEntries(Object.entries(packed.tables).map(([name, table]) => [name, rowsOf(table)]));
  return { ...packed, ...tables };
}

function render(sample) {
  const { data, samples } = page;
  page.sample = sample;
  page.order = sample.leaderboard.map((row) => row.strategy);
  document.title = `${sample.title} – ${sample.suite}, ${sample.budget_words} – Tasklet Bench`;
  document.getElementById("top").textContent = sample.title;
  document.getElementById("answer").replaceChildren(...sample.answer.map((sentence) => h("p", {}, sentence.replaceAll(" %", "\u00a0%"))));
  document.getElementById("scope").replaceChildren(sample.scope, sample.mixed_machines ? h("strong", { class: "warning" }, ` Mind: ${sample.mixed_machines}.`) : "");
  document.getElementById("controls").replaceChildren(...controls(data, samples, sample).filter(Boolean));
  for (const [id, title, content] of SECTIONS) {
    const section = document.getElementById(id);
    const parts = content(data, sample, page.order).filter(Boolean);
    const scope = SCOPED.includes(id) && parts.length ? [h("p", { class: "scope wide" }, sample.scope)] : [];
    section.hidden = !parts.length;
    document.querySelector(`#contents a[href="#${id}"]`).hidden = !parts.length;
    section.replaceChildren(h("h2", {}, title), ...parts, ...scope);
  }
}

// Make the page say what the address says.
function showState({ scroll = false, y } = {}) {
  if (!page.samples.length) return;
  const sample = viewOf(page.data, page.samples);
  state = { ...state, ...choiceOf(sample) };
  const changed = sample !== page.sample;
  if (changed) render(sample);
  const names = state.show ? state.show.filter((name) => page.order.includes(name)) : highlight.usual(sample.leaderboard, sample.verdicts);
  if (changed || names.join() !== highlight.names.join()) {
    highlight.names = names.slice(0, DASHES.length);
    document.getElementById("highlight").replaceChildren(...(sample.alone ? [] : [chips(page.order)]));
    redrawAll();
  }
  restoreTables();
  restoreCards();
  openPanels(scroll ? state.at : null);
  if (!scroll) return;
  redrawAll();
  goTo(state.at, y);
}

// Panels that the address names are open, and the one that a link leads to.
function openPanels(at) {
  const open = new Set(state.open ?? []);
  const panel = at ? document.getElementById(at)?.closest("details[id]") : null;
  if (panel && !open.has(panel.id)) {
    open.add(panel.id);
    state = { ...state, open: [...open] };
  }
  for (const one of document.querySelectorAll("details[id]")) {
    if (open.has(one.id)) one.fill?.();
    if (one.open !== open.has(one.id)) one.open = open.has(one.id);
  }
}

// A panel that the reader opens or closes goes into the address.
function remembered(panel) {
  panel.addEventListener("toggle", () => {
    const open = state.open ?? [];
    if (panel.open === open.includes(panel.id)) return;
    choose({ open: panel.open ? [...open, panel.id] : open.filter((id) => id !== panel.id), at: panel.open ? panel.id : null }, { shown: true });
  });
  return panel;
}

async function main() {
  const data = await readData();
  for (const name of ["failures", "flags", "retries", "strategies"]) data[name] = rowsOf(data[name]);
  page.data = data;
  page.samples = data.samples.map(sampleOf);
  nameSuites(page.samples);
  highlight.own = data.highlighted ?? [];
  document.getElementById("tools").append(...pageTools());
  document.getElementById("contents").append(...SECTIONS.map(([id, title]) => h("a", { href: `#${id}` }, title)));
  followAddress();
  document.documentElement.dataset.ready = "true";
}

main();

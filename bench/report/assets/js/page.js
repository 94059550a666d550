// The page: read the data, choose a suite and budget, show its sections.

const SECTIONS = [
  ["leaderboard", "Leaderboard", (data, sample) => leaderboardSection(sample)],
  ["verdicts", "Verdicts", (data, sample) => verdictSection(sample)],
  ["closeness", "How close", (data, sample, order) => closenessSection(sample, order)],
  ["anytime", "How soon", (data, sample, order) => anytimeSection(sample, order)],
  ["kinds", "Which for which topology", (data, sample, order) => kindSection(sample, order)],
  ["instances", "Instances", (data, sample, order) => instanceSection(data, sample, order)],
  ["strategies", "Strategies", (data, sample) => strategySection(data, sample)],
  ["failures", "Failures", (data) => failureSection(data)],
  ["provenance", "What was run", (data) => provenanceSection(data)],
];

function sampleOf(packed) {
  const tables = Object.fromEntries(Object.entries(packed.tables).map(([name, table]) => [name, rowsOf(table)]));
  return { ...packed, ...tables };
}

function show(data, sample) {
  const order = sample.leaderboard.map((row) => row.strategy);
  document.getElementById("headline").textContent = sample.headline;
  document.getElementById("scope").textContent = sample.scope;
  document.getElementById("highlight").replaceChildren(chips(order, () => update(data, sample, order)));
  for (const [id, title, content] of SECTIONS) {
    const section = document.getElementById(id);
    const scope = ["verdicts", "closeness", "anytime", "kinds"].includes(id) ? h("p", { class: "scope wide" }, sample.scope) : null;
    section.replaceChildren(h("h2", {}, title), ...content(data, sample, order), ...(scope ? [scope] : []));
  }
}

function update(data, sample, order) {
  document.getElementById("highlight").replaceChildren(chips(order, () => update(data, sample, order)));
  redrawAll();
}

function sampleChoice(data, samples) {
  if (samples.length < 2) return [];
  const oneSuite = new Set(samples.map((sample) => sample.suite_digest)).size === 1;
  const buttons = samples.map((sample, index) => {
    const press = () => {
      buttons.forEach((button, other) => button.setAttribute("aria-pressed", String(other === index)));
      highlight.start(sample.leaderboard, sample.verdicts);
      show(data, sample);
    };
    const name = [oneSuite ? null : sample.suite, sample.budget, sample.view].filter(Boolean).join(", ");
    return h("button", { type: "button", class: "choice", "aria-pressed": String(index === 0), onclick: press }, name);
  });
  return buttons;
}

function themeButton() {
  const root = document.documentElement;
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  const press = () => {
    root.dataset.theme = dark() ? "light" : "dark";
  };
  return h("button", { class: "quiet", type: "button", onclick: press, "aria-label": "Switch between light and dark" }, "◐");
}

async function main() {
  const data = await readData();
  data.failures = rowsOf(data.failures);
  data.flags = rowsOf(data.flags);
  data.strategies = rowsOf(data.strategies);
  const samples = data.samples.map(sampleOf);
  highlight.own = data.highlighted ?? [];
  document.getElementById("theme").append(themeButton());
  document.getElementById("samples").append(...sampleChoice(data, samples));
  document.getElementById("contents").append(...SECTIONS.map(([id, title]) => h("a", { href: `#${id}` }, title)));
  if (samples.length) {
    highlight.start(samples[0].leaderboard, samples[0].verdicts);
    show(data, samples[0]);
  }
  if (location.hash.startsWith("#instance-")) document.getElementById(location.hash.slice(1))?.setAttribute("open", "");
  document.documentElement.dataset.ready = "true";
}

main();

// The switches above the page: family and objective, suite, budget, starts; the theme, and the link to all of it.

function viewOf(data, samples) {
  const named = samples.filter((one) => one.suiteId === state.suite);
  const budget = named.filter((one) => one.budget === state.budget);
  const starts = budget.find((one) => startsOf(one) === (state.starts ?? ""));
  return starts ?? budget[0] ?? (named.length ? mainOf(named, data, samples) : samples[data.first]);
}

function startsOf(sample) {
  return sample.view ? "own" : "";
}

// What is shown first of several views: the one that the page opens on, else most strategies, then seconds.
function mainOf(views, data, samples) {
  if (views.includes(samples[data.first])) return samples[data.first];
  return [...views].sort((a, b) => b.leaderboard.length - a.leaderboard.length || (a.clock === "cpu_s" ? -1 : 1))[0];
}

// Suites of one name and several contents differ by the beginning of their digest.
function nameSuites(samples) {
  const digests = new Map();
  for (const { suite, suite_digest: digest } of samples) digests.set(suite, (digests.get(suite) ?? new Set()).add(digest));
  for (const one of samples) one.suiteId = digests.get(one.suite).size > 1 ? `${one.suite}~${one.suite_digest.slice(0, 8)}` : one.suite;
}

function choiceOf(sample) {
  return { suite: sample.suiteId, budget: sample.budget, starts: startsOf(sample) };
}

function select(id, title, options, value, changed) {
  const field = h("select", { id, onchange: (event) => changed(event.target.value) }, options.map(([key, words]) => h("option", { value: key, selected: key === value }, words)));
  return h("label", {}, h("span", {}, title), field);
}

function controls(data, samples, sample) {
  const first = (views) => choose(choiceOf(mainOf(views, data, samples)));
  const families = [...groupBy(samples, "family")];
  const familyNames = families.map(([name, [one]]) => [name, name ? `${name}${one.objective ? `: ${one.objective}` : ""}` : "problems that could not be made here"]);
  const suites = [...groupBy(samples.filter((one) => one.family === sample.family), "suiteId")];
  const budgets = [...groupBy(samples.filter((one) => one.suiteId === sample.suiteId), "budget")];
  const budgetNames = budgets.map(([name, [one]]) => [name, `${one.budget_words}${one.alone ? ` (${one.leaderboard[0].strategy} alone)` : ""}`]);
  const starts = budgets.find(([name]) => name === sample.budget)[1];
  const startNames = starts.map((one) => [startsOf(one), one.view || "all entrants"]);
  return [
    select("family", "Family and objective", familyNames, sample.family, (name) => first(families.find(([key]) => key === name)[1])),
    select("suite", "Suite", suites.map(([name]) => [name, name]), sample.suiteId, (name) => first(suites.find(([key]) => key === name)[1])),
    select("budget", "Budget of a run", budgetNames, sample.budget, (name) => choose(choiceOf(budgets.find(([key]) => key === name)[1][0]))),
    starts.length > 1 ? select("starts", "Entrants", startNames, startsOf(sample), (name) => choose(choiceOf(starts.find((one) => startsOf(one) === name)))) : null,
  ];
}

function pageTools() {
  const link = h("button", { class: "quiet", type: "button", id: "copy-link", onclick: (event) => copyLink(event.currentTarget) }, "Copy link");
  return [link, themeButton()];
}

function themeButton() {
  const root = document.documentElement;
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  const press = () => {
    root.dataset.theme = dark() ? "light" : "dark";
  };
  return h("button", { class: "quiet", type: "button", onclick: press, "aria-label": "Switch between light and dark" }, "◐");
}

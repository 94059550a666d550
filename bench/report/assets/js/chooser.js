// Which should I use? A few questions about the reader's own case, one recommendation, and what it rests on.

const FEWEST_ALIKE = 3; // instances that a recommendation rests on, at least
const SURE = 0.95; // share of redrawn sets of instances from which on the first is called so without the next
const NEAR = 2; // within this factor, numbers of devices and of sites count as alike

const QUESTIONS = [
  { key: "devices", words: "as many devices", alike: (one, asked) => one.n_devices >= asked.devices / NEAR && one.n_devices <= asked.devices * NEAR },
  { key: "sites", words: "as many sites", alike: (one, asked) => (asked.sites <= 1 || one.n_sites <= 1 ? one.n_sites === asked.sites : one.n_sites >= asked.sites / NEAR && one.n_sites <= asked.sites * NEAR) },
  { key: "kinds", words: "devices of one kind or several, as yours", alike: (one, asked) => (one.n_kinds > 1) === (asked.kinds === "several") },
];

function chooserSection(data, sample) {
  const answer = h("div", { class: "answer", "aria-live": "polite" });
  const field = (key, title, input) => h("label", {}, h("span", {}, title), input);
  const changed = (key) => (event) => {
    const value = event.target.type === "checkbox" ? (event.target.checked ? "yes" : null) : event.target.value;
    choose({ [key]: value, at: "chooser" }, { step: false });
    fill();
  };
  const number = (key, words, least) => h("input", { type: "number", id: `ask-${key}`, min: least, step: key === "seconds" ? "any" : 1, placeholder: words, value: state[key] ?? null, oninput: changed(key) });
  const form = h(
    "form",
    { class: "questions", onsubmit: (event) => event.preventDefault() },
    field("devices", "Devices", number("devices", "any number", 1)),
    field("sites", "Sites (0: each device on its own)", number("sites", "any number", 0)),
    field("kinds", "Kinds of devices", h("select", { id: "ask-kinds", onchange: changed("kinds") }, [["", "any"], ["one", "one kind"], ["several", "several kinds"]].map(([value, words]) => h("option", { value, selected: value === (state.kinds ?? "") }, words)))),
    field("seconds", "CPU seconds to spend", number("seconds", "2", 0)),
    h("label", { class: "tick-box" }, h("input", { type: "checkbox", id: "ask-proof", checked: state.proof === "yes", onchange: changed("proof") }), h("span", {}, "I need a proof of how far the optimum can be")),
  );
  const fill = () => answer.replaceChildren(...recommended(data, sample, asked()));
  fill();
  return [h("div", { class: "wide chooser" }, form, answer)];
}

function asked() {
  const number = (text) => (text === undefined || text === null || text === "" || !Number.isFinite(Number(text)) ? null : Number(text));
  return { devices: number(state.devices), sites: number(state.sites), kinds: state.kinds || null, seconds: number(state.seconds), proof: state.proof === "yes" };
}

// The view and its instances that are most like what was asked: all questions, then the later ones left out.
function mostAlike(data, sample, wanted) {
  const instances = new Map(data.instances.map((one) => [one.name, one]));
  const views = page.samples.filter((one) => one.family === sample.family && !one.view && (!one.alone || wanted.proof) && (!wanted.proof || one.instances.some((row) => row.proven)));
  const questions = QUESTIONS.filter(({ key }) => wanted[key] !== null);
  const spend = wanted.seconds ?? 2;
  for (let left = questions.length; left >= 0; left -= 1) {
    const used = questions.slice(0, left);
    const options = views.map((view) => {
      const names = [...new Set(view.instances.map((row) => row.problem))].filter((name) => {
        const one = instances.get(name);
        return one && (used.length === 0 || one.n_devices !== undefined) && used.every(({ alike }) => alike(one, wanted));
      });
      return { view, names, far: Math.abs(Math.log(spend / view.seconds_to_spend)), over: view.seconds_to_spend > spend * 1.001 };
    });
    const enough = options.filter(({ names }) => names.length >= FEWEST_ALIKE);
    // Not more seconds than there are, then as near to them as possible, then seconds rather than evaluations, then most instances.
    enough.sort((a, b) => a.over - b.over || a.far - b.far || (b.view.clock === "cpu_s") - (a.view.clock === "cpu_s") || b.names.length - a.names.length);
    if (enough.length) return { ...enough[0], used, dropped: questions.slice(left) };
  }
  return null;
}

// Each entrant's figures on some instances of a view, best mean rank first.
function rankedOn(view, names) {
  const wanted = new Set(names);
  const cells = view.instances.filter((row) => wanted.has(row.problem));
  const totals = new Map();
  for (const own of groupBy(cells, "problem").values()) {
    const order = own.map((row) => (row.failed > row.runs / 2 ? Infinity : row.score_s));
    own.forEach((row, index) => {
      const mine = order[index];
      const better = order.filter((other) => other < mine && !same(other, mine)).length;
      const equal = order.filter((other) => same(other, mine)).length;
      const entry = totals.get(row.strategy) ?? { strategy: row.strategy, ranks: [], excesses: [], wins: 0, runs: 0, failed: 0, proven: 0 };
      entry.ranks.push(better + (equal + 1) / 2);
      entry.excesses.push(row.excess);
      entry.wins += better === 0 ? 1 : 0;
      for (const key of ["runs", "failed", "proven"]) entry[key] += row[key];
      totals.set(row.strategy, entry);
    });
  }
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const rows = [...totals.values()].map((row) => ({ ...row, mean_rank: mean(row.ranks), excess: median(row.excesses), instances: row.ranks.length }));
  return rows.sort((a, b) => a.mean_rank - b.mean_rank || compared(a.strategy, b.strategy));
}

// How surely the first is first: the leaderboard's figure where it is about all of its instances, else redrawn here.
function firstShare(view, names, ranked) {
  const row = view.leaderboard.find((one) => one.strategy === ranked[0].strategy);
  return names.length === view.n_instances && row ? row.p_best : shareFirst(ranked);
}

// In how many of 1,000 redrawn sets of the instances the first of some entrants has the lowest mean rank.
function shareFirst(ranked) {
  const n = ranked[0].ranks.length;
  const rivals = ranked.filter((row) => row.ranks.length === n);
  let [seed, first] = [12345, 0];
  const draw = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 4294967296;
  for (let round = 0; round < 1000; round += 1) {
    const places = Array.from({ length: n }, () => Math.floor(draw() * n));
    const [own, ...others] = rivals.map(({ ranks }) => places.reduce((sum, place) => sum + ranks[place], 0));
    if (others.every((other) => own <= other)) first += 1 / (1 + others.filter((other) => other === own).length); // ties share
  }
  return first / 1000;
}

function same(a, b) {
  return a === b || Math.abs(a - b) <= 1e-5 * Math.abs(a); // figures travel with six digits
}

function recommended(data, sample, wanted) {
  const match = mostAlike(data, sample, wanted);
  if (!match) return [h("p", {}, wanted.proof ? "No strategy proved an optimum on at least three instances like yours." : "There are too few instances to say.")];
  const { view, names, used, dropped } = match;
  const ranked = rankedOn(view, names);
  const provers = [...ranked].filter((row) => row.proven).sort((a, b) => b.proven / b.runs - a.proven / a.runs);
  const pick = wanted.proof ? provers[0] : ranked[0];
  if (!pick) return [h("p", {}, "No strategy proved an optimum on instances like yours.")];
  const others = ranked.filter((row) => row !== pick);
  const next = wanted.proof ? provers[1] : others[0];
  const megatron = others.find((row) => row.strategy === "megatron" && row !== next);
  const likeness = used.length ? `that are like yours (${used.map(({ words }) => words).join(", ")})` : "of this family, as nothing narrower was asked";
  const left = dropped.length ? `Fewer than ${FEWEST_ALIKE} instances had also ${dropped.map(({ words }) => words).join(" and ")}: that question was left out. ` : "";
  const unlike = view.seconds_to_spend > (wanted.seconds ?? 2) * 1.001 ? `Nobody ran for as few seconds as yours: the nearest is ${view.budget_words}. ` : "";
  const share = wanted.proof || ranked.length < 2 ? 1 : firstShare(view, names, ranked);
  const surely = wanted.proof || ranked.length < 2 ? "" : `It has the lowest mean rank in ${percent(share, false)} of redrawn sets of these instances. `;
  const proofs = wanted.proof ? `It proved the optimum in ${pick.proven} of ${pick.runs} runs. ` : "";
  const evidence = `On the ${plural(names.length, "instance")} of ${view.suite} ${likeness}, after ${view.budget_words}: ${proofs}${wanted.proof ? "" : `mean rank ${fixed(pick.mean_rank)}, `}median excess ${percent(pick.excess)}, best on ${pick.wins}${next ? `; next is ${next.strategy} with ${wanted.proof ? `${next.proven} of ${next.runs} proofs` : `${fixed(next.mean_rank)} and ${percent(next.excess)}`}` : ""}${megatron ? `; Megatron's default order ${percent(megatron.excess)}` : ""}. ${surely}${left}${unlike}`;
  const spend = wanted.seconds ?? (view.clock === "cpu_s" ? view.seconds_to_spend : 2);
  const columns = [
    { key: "strategy", title: "strategy", cell: (row) => nameLink(row.strategy) },
    { key: "mean_rank", title: "mean rank", number: true, cell: (row) => fixed(row.mean_rank) },
    { key: "excess", title: "median excess", number: true, cell: (row) => percent(row.excess) },
    { key: "wins", title: "best on", number: true },
    { key: "failed", title: "failed", number: true, cell: (row) => (row.failed ? `${row.failed} of ${row.runs}` : NONE) },
    { key: "proven", title: "proofs", number: true, cell: (row) => (row.proven ? `${row.proven} of ${row.runs}` : NONE) },
  ];
  const rows = ranked.map(({ ranks, excesses, ...row }) => row);
  return [
    h("p", { class: "pick" }, "Take ", h("b", {}, nameLink(pick.strategy)), ".", share < SURE ? ` ${next.strategy} may be as good.` : ""),
    h("p", {}, evidence),
    h("pre", {}, `tasklet-bench solve my-network.json -s "${pick.strategy}" --cpu-seconds ${significant(spend)}`),
    h(
      "details",
      { class: "evidence" },
      h("summary", {}, `The ${plural(names.length, "instance")}, and everybody on them`),
      h("p", {}, ...names.flatMap((name, index) => [index ? ", " : "", h("a", { href: addressOf({ ...choiceOf(view), at: `instance-${anchor(name)}` }) }, name)])),
      dataTable({ id: "chooser", title: "On instances like yours", columns, rows }),
    ),
  ];
}

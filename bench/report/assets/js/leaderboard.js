// The leaderboard, and the verdicts against the two opponents that were named before.

const VERDICTS = {
  better: ["▲", "better"],
  worse: ["▼", "worse"],
  "practically equal": ["=", "equal"],
  "not separated": ["?", "unclear"],
};

function verdictBadge(verdict) {
  if (!verdict) return NONE;
  const [sign, words] = VERDICTS[verdict];
  return h("span", { class: `verdict ${verdict.split(" ")[0]}` }, h("b", { "aria-hidden": "true" }, sign), ` ${words}`);
}

function nameLink(name) {
  return h("a", { href: `#strategy-${anchor(name)}`, class: "strategy" }, breakable(name));
}

// A long name may go on in the next line after a bracket or a sign, never within a word.
function breakable(name) {
  return name.split(/(?<=[[=,:/?&])/).flatMap((part, index) => (index ? [h("wbr"), part] : [part]));
}

function anchor(name) {
  return name.replace(/[^A-Za-z0-9]+/g, "-");
}

function leaderboardSection(sample) {
  if (sample.alone) return aloneSection(sample);
  const simulated = simulatedExcess(sample);
  const rows = sample.leaderboard.map((row, index) => ({ place: index + 1, ...row, simulated: simulated.get(row.strategy) }));
  const champion = sample.champion ? ` (${sample.champion})` : "";
  const columns = [
    { key: "strategy", title: "strategy", cell: (row) => (highlight.own.includes(row.strategy) ? h("b", {}, nameLink(row.strategy), " ", h("span", { class: "own" }, "yours")) : nameLink(row.strategy)) },
    { key: "place", title: "#", number: true, hint: "Place by mean rank" },
    { key: "start", title: "start", hint: "What it begins from: the best of the known start solutions, or its own beginning" },
    { key: "mean_rank", title: "mean rank", number: true, cell: (row) => rankCell(row), hint: "Mean over instances of the rank of the median over seeds, with its 95 % interval" },
    { key: "p_best", title: "P(first)", number: true, cell: (row) => percent(row.p_best, false), hint: "Share of bootstrap draws in which its mean rank is the lowest" },
    { key: "wins", title: "wins", number: true, hint: "Instances on which nobody was better" },
    { key: "excess", title: "excess", number: true, cell: (row) => percent(row.excess), hint: "Interquartile mean over instances of the excess over the best known cost" },
    { key: "excess_capped_mean", title: "capped mean", number: true, cell: (row) => percent(row.excess_capped_mean), hint: "Mean excess over all instances, each cut off at the penalty's or at ten times the best known cost, whichever is less" },
    { key: "score", title: "score", number: true, cell: (row) => scoreCell(row), hint: "Mean over runs of best known cost over cost, 0 for a failure, with its 95 % interval" },
    { key: "failed_share", title: "failed", number: true, cell: (row) => (row.failed ? h("span", { class: "failed" }, `${row.failed} of ${row.runs}`) : NONE), hint: "Runs that ended without a result; retries that went well do not count here and are listed below" },
    ...(rows.some((row) => row.flagged) ? [{ key: "flagged", title: "flagged", number: true, cell: (row) => (row.flagged ? h("a", { href: "#failures" }, `${row.flagged} of ${row.runs}`) : NONE), hint: "Runs with something possible but odd about them" }] : []),
    { key: "vs_champion", title: "vs champion", cell: (row) => verdictBadge(row.vs_champion), hint: `Against the suite's champion${champion}` },
    { key: "vs_megatron", title: "vs Megatron", cell: (row) => verdictBadge(row.vs_megatron), hint: "Against Megatron's default order; unclear where the instances do not separate the two" },
    { key: "simulated", title: "in seconds", number: true, cell: (row) => percent(row.simulated ?? null), hint: "Median over instances of how much longer than the quickest entrant's a simulated iteration of its best allocation is" },
    { key: "cpu_s", title: "CPU", number: true, cell: (row) => seconds(row.cpu_s), hint: "Median CPU time of a run" },
    ...calibratedColumn(sample.leaderboard),
  ];
  const ranks = rows.map((row) => ({ name: row.strategy, value: row.mean_rank, low: row.mean_rank_low, high: row.mean_rank_high, note: `${fixed(row.mean_rank_low)} to ${fixed(row.mean_rank_high)}` }));
  if (new Set(rows.map((row) => row.start)).size < 2) columns.splice(columns.findIndex((column) => column.key === "start"), 1);
  return [
    h("div", { class: "wide sticky" }, dataTable({ id: "leaderboard", title: leaderTitle(sample), columns, rows, filter: true, placeholder: "Filter strategies", sorted: "place" })),
    figure({
      id: "ranks",
      title: rankTitle(sample),
      how: "Further left is better. The dot is the mean rank over instances, the bar its 95 % interval; where bars overlap, the order may be chance.",
      rows: sample.leaderboard,
      draw: (width) => intervals({ width, rows: ranks, scale: linearScale, format: (value) => fixed(value, 1), tick: significant, title: "Mean rank with 95 % intervals", xTitle: "mean rank" }),
      wide: true,
    }),
    ...startTable(sample),
  ];
}

function leaderTitle({ leaderboard: [first], n_instances: n }) {
  return `${first.strategy} is best on ${first.wins} of ${plural(n, "instance")}`;
}

function rankTitle({ leaderboard: [first, ...others] }) {
  const near = others.filter((row) => row.mean_rank_low <= first.mean_rank_high).map((row) => row.strategy);
  const lead = `${first.strategy} has the lowest mean rank, ${fixed(first.mean_rank)} of ${others.length + 1}`;
  return near.length ? `${lead}; ${near.length > 2 ? `${near.length} others reach` : near.join(" and ") + (near.length > 1 ? " reach" : " reaches")} into its interval` : `${lead}, and nobody's interval reaches its own`;
}

// One strategy by itself has results and no rank.
function aloneSection(sample) {
  const columns = [
    { key: "strategy", title: "strategy", cell: (row) => nameLink(row.strategy) },
    { key: "excess", title: "excess", number: true, cell: (row) => percent(row.excess), hint: "Interquartile mean over instances of the excess over the best known cost" },
    { key: "excess_capped_mean", title: "capped mean", number: true, cell: (row) => percent(row.excess_capped_mean), hint: "Mean excess over all instances, each cut off at the penalty's or at ten times the best known cost, whichever is less" },
    { key: "failed_share", title: "failed", number: true, cell: (row) => (row.failed ? h("span", { class: "failed" }, `${row.failed} of ${row.runs}`) : NONE) },
    { key: "cpu_s", title: "CPU", number: true, cell: (row) => seconds(row.cpu_s), hint: "Median CPU time of a run" },
  ];
  const rows = sample.leaderboard.map(({ strategy, excess, excess_low, excess_high, excess_median, excess_capped_mean, failed_share, runs, failed, cpu_s }) => ({ strategy, excess, excess_low, excess_high, excess_median, excess_capped_mean, failed_share, runs, failed, cpu_s }));
  return [dataTable({ id: "leaderboard", title: `${rows[0].strategy} ran alone under this budget, so there are no ranks`, columns, rows })];
}

// What a known start is worth to each search that ran with one and without.
function startTable(sample) {
  if (!sample.starts.length) return [];
  const columns = [
    { key: "strategy", title: "strategy", cell: (row) => nameLink(row.strategy) },
    { key: "own", title: "from its own start", number: true, cell: (row) => percent(row.own) },
    { key: "known", title: "from a known start", number: true, cell: (row) => percent(row.known) },
    { key: "gain", title: "difference", number: true, cell: (row) => percent(row.gain) },
  ];
  const most = [...sample.starts].sort((a, b) => b.gain - a.gain)[0];
  return [dataTable({ id: "starts", title: `A known start helps ${most.strategy} most, ${percent(-most.gain)} of excess`, columns, rows: sample.starts }), h("p", { class: "how" }, "Interquartile mean over instances of the excess over the best known cost. The entrant known-starts is the best of these starts without any search.")];
}

function scoreCell(row) {
  return h("span", { title: `95 %: ${fixed(row.score_low, 3)} to ${fixed(row.score_high, 3)}` }, fixed(row.score, 3));
}

function calibratedColumn(rows) {
  if (!rows.some((row) => row.cpu_calibrated_s !== null)) return [];
  return [
    { key: "cpu_calibrated_s", title: "CPU, calibrated", number: true, cell: (row) => (row.cpu_calibrated_s === null ? NONE : seconds(row.cpu_calibrated_s)), hint: "Median CPU time of a run on a machine of the reference's speed" },
  ];
}

function rankCell(row) {
  return [
    h("span", {}, fixed(row.mean_rank)),
    h("small", {}, `${fixed(row.mean_rank_low)} to ${fixed(row.mean_rank_high)}`),
  ];
}

function verdictTitle(rows, name) {
  const count = (verdict) => rows.filter((row) => row.verdict === verdict).length;
  const parts = [["better", "better"], ["practically equal", "practically equal"], ["not separated", "not separated"], ["worse", "worse"]].map(([verdict, words]) => [count(verdict), words]).filter(([n]) => n);
  return `Against ${name}: ${parts.map(([n, words]) => `${n} ${words}`).join(", ")} in cost`;
}

function winTitle(rows, name) {
  const ahead = rows.filter((row) => row.wins > row.losses);
  return ahead.length ? `${ahead.length} of ${rows.length} win more instances against ${name} than they lose` : `Nobody wins more instances against ${name} than it loses`;
}

// Wide enough about 0 that the band of practical equality does not fill the plot.
function differenceScale(domain, range) {
  return excessScale(domain, range, 0.02);
}

function verdictSection(sample) {
  if (sample.alone) return [];
  const out = [];
  const equal = ticked(sample.equal_within);
  for (const role of ["champion", "Megatron"]) {
    const rows = sample.verdicts.filter((row) => row.role === role);
    if (!rows.length) continue;
    const name = rows[0].against;
    const order = sample.leaderboard.map((row) => row.strategy);
    rows.sort((a, b) => order.indexOf(a.strategy) - order.indexOf(b.strategy));
    const drawn = rows.map((row) => ({ name: row.strategy, value: row.difference, low: row.difference_low, high: row.difference_high, note: row.verdict, sign: VERDICTS[row.verdict][0] }));
    out.push(
      figure({
        id: `difference-${role.toLowerCase()}`,
        title: verdictTitle(rows, `${name}${role === "champion" ? ", the champion" : ""}`),
        how: `Left of the line is cheaper. Hodges–Lehmann difference over instances with its 95 % interval; the grey band is ±${equal}, within which two strategies are practically equal. The word (or ▲ better, ▼ worse, = equal, ? not separated) is the verdict of a Wilcoxon signed-rank test, corrected after Holm over the strategy's own two tests.`,
        rows,
        draw: (width) => intervals({ width, rows: drawn, scale: differenceScale, format: percent, tick: ticked, title: `Difference to ${name}`, xTitle: "cost relative to it", reference: 0, band: [-sample.equal_within, sample.equal_within] }),
      }),
      figure({
        id: `wins-${role.toLowerCase()}`,
        title: winTitle(rows, name),
        how: `Each bar is all instances that both ran on; ties are differences of up to ${equal} of the cost, failures lose to everything that did not fail.`,
        rows,
        draw: (width) => winBars({ width, rows, title: `Won, tied, lost against ${name}` }),
      }),
    );
  }
  if (sample.too_few) out.unshift(h("p", { class: "wide" }, sample.too_few));
  const sentences = [sample.omnibus, ...sample.sentences].filter(Boolean).map((sentence) => h("li", {}, sentence));
  if (sentences.length) out.push(h("details", { class: "wide" }, h("summary", {}, "Every verdict in words, with its figures"), h("ul", {}, sentences)));
  return out;
}

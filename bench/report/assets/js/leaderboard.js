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
  return h("a", { href: `#strategy-${anchor(name)}`, class: "strategy" }, name);
}

function anchor(name) {
  return name.replace(/[^A-Za-z0-9]+/g, "-");
}

function leaderboardSection(sample) {
  const simulated = simulatedExcess(sample);
  const rows = sample.leaderboard.map((row, index) => ({ place: index + 1, ...row, simulated: simulated.get(row.strategy) }));
  const widest = Math.max(...rows.map((row) => row.mean_rank_high));
  const champion = sample.champion ? ` (${sample.champion})` : "";
  const columns = [
    { key: "place", title: "#", number: true },
    { key: "strategy", title: "strategy", cell: (row) => (highlight.own.includes(row.strategy) ? h("b", {}, nameLink(row.strategy), " ", h("span", { class: "own" }, "yours")) : nameLink(row.strategy)) },
    { key: "start", title: "start", hint: "What it begins from: the best of the known start solutions, or its own beginning" },
    { key: "mean_rank", title: "mean rank", number: true, cell: (row) => rankCell(row, widest), hint: "Mean over instances of the rank of the median over seeds, with its 95 % interval" },
    { key: "p_best", title: "P(first)", number: true, cell: (row) => percent(row.p_best, false), hint: "Share of bootstrap draws in which its mean rank is the lowest" },
    { key: "wins", title: "wins", number: true, hint: "Instances on which nobody was better" },
    { key: "excess", title: "excess", number: true, cell: (row) => percent(row.excess), hint: "Interquartile mean over instances of the excess over the best known cost" },
    { key: "excess_capped_mean", title: "capped mean", number: true, cell: (row) => percent(row.excess_capped_mean), hint: "Mean excess over all instances, each cut off at the penalty's or at ten times the best known cost, whichever is less" },
    { key: "score", title: "score", number: true, cell: (row) => scoreCell(row), hint: "Mean over runs of best known cost over cost, 0 for a failure, with its 95 % interval" },
    { key: "failed_share", title: "failed", number: true, cell: (row) => (row.failed ? h("span", { class: "failed" }, `${row.failed} of ${row.runs}`) : NONE) },
    ...(rows.some((row) => row.flagged) ? [{ key: "flagged", title: "flagged", number: true, cell: (row) => (row.flagged ? h("a", { href: "#failures" }, `${row.flagged} of ${row.runs}`) : NONE), hint: "Runs with something possible but odd about them" }] : []),
    { key: "vs_champion", title: "vs champion", cell: (row) => verdictBadge(row.vs_champion), hint: `Against the suite's champion${champion}` },
    { key: "vs_megatron", title: "vs Megatron", cell: (row) => verdictBadge(row.vs_megatron), hint: "Unclear: the instances do not separate the two" },
    { key: "simulated", title: "in seconds", number: true, cell: (row) => percent(row.simulated ?? null), hint: "Median over instances of how much longer than the quickest entrant's a simulated iteration of its best allocation is" },
    { key: "cpu_s", title: "CPU", number: true, cell: (row) => seconds(row.cpu_s), hint: "Median CPU time of a run" },
    ...calibratedColumn(sample.leaderboard),
  ];
  const ranks = rows.map((row) => ({ name: row.strategy, value: row.mean_rank, low: row.mean_rank_low, high: row.mean_rank_high, note: `${fixed(row.mean_rank_low)} to ${fixed(row.mean_rank_high)}` }));
  if (new Set(rows.map((row) => row.start)).size < 2) columns.splice(columns.findIndex((column) => column.key === "start"), 1);
  return [
    dataTable({ id: "leaderboard", columns, rows, filter: true, placeholder: "Filter strategies", sorted: "place" }),
    figure({
      id: "ranks",
      title: "Mean rank",
      how: "Further left is better. The dot is the mean rank over instances, the bar its 95 % interval; where bars overlap, the order may be chance.",
      rows: sample.leaderboard,
      draw: (width) => intervals({ width, rows: ranks, scale: linearScale, format: (value) => fixed(value, 1), tick: significant, title: "Mean rank with 95 % intervals", xTitle: "mean rank" }),
      wide: true,
    }),
    ...startTable(sample),
  ];
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
  return [dataTable({ id: "starts", title: "What a known start adds to a search", columns, rows: sample.starts }), h("p", { class: "how" }, "Interquartile mean over instances of the excess over the best known cost. The entrant known-starts is the best of these starts without any search.")];
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

function rankCell(row, widest) {
  const x = (rank) => 2 + (62 * (rank - 1)) / Math.max(widest - 1, 1e-9);
  const y = 8;
  return [
    s(
      "svg",
      { width: 66, height: 16, class: "mini", "aria-hidden": "true" },
      s("line", { class: "rule", x1: 2, x2: 64, y1: y, y2: y }),
      s("line", { class: "bar", x1: x(row.mean_rank_low), x2: x(row.mean_rank_high), y1: y, y2: y }),
      s("circle", { cx: x(row.mean_rank), cy: y, r: 3.5 }),
    ),
    h("span", {}, fixed(row.mean_rank)),
    h("small", {}, `${fixed(row.mean_rank_low)} to ${fixed(row.mean_rank_high)}`),
  ];
}

function verdictSection(sample) {
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
        title: `Cost against ${name}${role === "champion" ? ", the champion" : ""}`,
        how: `Left of the line is cheaper. Hodges–Lehmann difference over instances with its 95 % interval; the grey band is ±${equal}, within which two strategies are practically equal. The word (or ▲ better, ▼ worse, = equal, ? not separated) is the verdict of a Wilcoxon signed-rank test, corrected after Holm over the strategy's own two tests.`,
        rows,
        draw: (width) => intervals({ width, rows: drawn, scale: excessScale, format: percent, tick: ticked, title: `Difference to ${name}`, xTitle: "cost relative to it", reference: 0, band: [-sample.equal_within, sample.equal_within] }),
      }),
      figure({
        id: `wins-${role.toLowerCase()}`,
        title: `Instances won, tied and lost against ${name}`,
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

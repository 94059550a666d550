// Which strategy for which topology.

function kindSection(sample, order) {
  if (sample.alone || !sample.kinds.length) return [];
  const decisions = sample.decisions;
  const advice = [
    { key: "dimension", title: "by" },
    { key: "kind", title: "topology" },
    { key: "instances", title: "instances", number: true },
    { key: "leader", title: "take", cell: (row) => nameLink(row.leader) },
    { key: "leader_excess", title: "its excess", number: true, cell: (row) => percent(row.leader_excess) },
    { key: "as_good", title: "not clearly behind", cell: (row) => (row.clear ? "nobody: a clear lead" : row.as_good.join(", ")) },
  ];
  return [
    h(
      "div",
      { class: "wide block" },
      dataTable({ id: "decisions", title: kindTitle(sample), columns: advice, rows: decisions }),
      h("p", { class: "how" }, "The strategy with the lowest mean rank on each kind of instance, and those that the data do not put clearly behind it (95 % interval of the difference in mean rank). A description of these results, not a verdict: the leader of a kind is chosen on the data that it leads."),
    ),
    h("div", { class: "wide block" }, kindTable(sample, order), h("p", { class: "how" }, "Stronger colour is better; read along a row to see who suits a kind, down a column to see where a strategy is weak.")),
  ];
}

function kindTitle({ decisions, leaderboard: [first] }) {
  const led = decisions.filter((row) => row.leader === first.strategy).length;
  const clear = decisions.filter((row) => row.clear).length;
  return `${first.strategy} leads on ${led} of ${plural(decisions.length, "kind")} of instances; ${clear} of the leads ${clear === 1 ? "is" : "are"} clear`;
}

function weakTitle({ kinds, leaderboard: [first] }) {
  const own = kinds.filter((row) => row.strategy === first.strategy).sort((a, b) => b.mean_rank - a.mean_rank);
  return `${first.strategy} is weakest on ${own[0].dimension}: ${own[0].kind}, mean rank ${fixed(own[0].mean_rank, 1)}, and strongest on ${own.at(-1).dimension}: ${own.at(-1).kind}, ${fixed(own.at(-1).mean_rank, 1)}`;
}

function kindTable(sample, order) {
  const rows = [];
  for (const [kind, own] of groupBy(sample.kinds.map((row) => ({ ...row, both: `${row.dimension}: ${row.kind}` })), "both")) {
    const row = { kind, instances: own[0].instances };
    for (const one of own) row[one.strategy] = one.mean_rank;
    rows.push(row);
  }
  const columns = [
    { key: "kind", title: "kind" },
    { key: "instances", title: "n", number: true },
    ...order.map((name) => ({ key: name, title: name, number: true, cell: (row) => fixed(row[name], 1), style: (row) => shade(1 - (row[name] - 1) / Math.max(1, order.length - 1)) })),
  ];
  return h("div", { class: "matrix" }, dataTable({ id: "kinds", title: weakTitle(sample), columns, rows }));
}

// Background between the page's and the accent's colour, by a share from 0 to 1.
function shade(share) {
  const strength = Math.round(62 * Math.max(0, Math.min(1, share)) ** 1.6);
  return `background:color-mix(in oklab, var(--heat) ${strength}%, transparent)`;
}

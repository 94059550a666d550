// How close each strategy comes to the best known cost, at the end and on the way there.

function curvesOf(rows, order, xKey, yKey, tell, start = null) {
  const groups = groupBy(rows, "strategy");
  return order.map((name) => {
    const points = (groups.get(name) ?? []).map((row) => [row[xKey], row[yKey]]);
    return { name, points: start && points.length ? [[start(points[0]), 0], ...points] : points, tell };
  });
}

function closenessSection(sample, order) {
  const outliers = new Map(sample.outliers.map((row) => [row.strategy, `${percent(row.excess)} on ${row.problem}`]));
  const rows = sample.leaderboard.map((row) => ({ name: row.strategy, value: row.excess, low: row.excess_low, high: row.excess_high, second: row.excess_capped_mean, outlier: outliers.get(row.strategy), note: `${percent(row.excess_low)} to ${percent(row.excess_high)}` }));
  const series = curvesOf(sample.profile, order, "excess", "share", ([at, share]) => `${percent(share, false)} of runs within ${percent(at, false)}`);
  return [
    figure({
      id: "excess",
      title: excessTitle(sample.leaderboard),
      how: `Further left is better. The dot is the interquartile mean over instances with its 95 % interval; the tick is the capped mean: over all instances, failures at the penalty, each cut off at the penalty's or at ten times the best known cost.${sample.outliers.length ? " † Far out, at more than ten times the best known cost on some instance:" : ""}`,
      notes: outlierNotes(sample.outliers),
      rows: sample.leaderboard,
      draw: (width) => intervals({ width, rows, scale: excessScale, format: percent, tick: ticked, title: "Excess with 95 % intervals", xTitle: "excess over best known", reference: 0 }),
    }),
    figure({
      id: "profile",
      title: withinTitle(sample, order),
      how: "Higher is better. At 1 % on the axis, the curve is the share of runs that ended within 1 % of the best known cost; a failed run never counts.",
      rows: sample.profile,
      draw: (width) => lines({ width, series, title: "Performance profile", x: (range) => logScale([1e-4, 2], range), y: (range) => linearScale([0, 1], range), xFormat: ticked, yFormat: ticked, xTitle: "excess over best known", yTitle: "share of runs" }),
    }),
  ];
}

function excessTitle(rows) {
  const sorted = [...rows].sort((a, b) => a.excess - b.excess);
  if (sorted.length < 2) return `${sorted[0].strategy} ends ${percent(sorted[0].excess)} above the best known cost`;
  const last = sorted.at(-1);
  return `From ${percent(sorted[0].excess)} (${sorted[0].strategy}) to ${percent(last.excess)} (${last.strategy}) above the best known cost`;
}

function outlierNotes(outliers) {
  return [...groupBy(outliers, "problem")].map(([problem, rows]) => [h("a", { href: `#instance-${anchor(problem)}` }, problem), `: ${rows.map((row) => `${row.strategy} ${percent(row.excess)}`).join(", ")}`]);
}

const HIGHEST = 10; // a curve begins anywhere; above ten times the best known cost it is cut off

function cutOff(points) {
  return points.map(([at, value]) => [at, Math.min(value, HIGHEST)]);
}

// Who has most runs within 1 % of the best known cost.
function withinTitle(sample, order) {
  const at = new Map();
  for (const row of sample.profile) if (row.excess <= 0.01) at.set(row.strategy, Math.max(row.share, at.get(row.strategy) ?? 0));
  const [name, share] = [...at].sort((a, b) => b[1] - a[1])[0] ?? [order[0], 0];
  return `${name} ends within 1 % of the best known cost in ${percent(share, false)} of its runs${sample.alone ? "" : ", more than any other"}`;
}

// Who has reached most at the end of a curve.
function lastOf(rows, key, sign) {
  const ends = [...groupBy(rows, "strategy")].map(([strategy, own]) => ({ strategy, value: own.at(-1)[key] }));
  return ends.sort((a, b) => sign * (a.value - b.value))[0];
}

function anytimeSection(sample, order) {
  const unit = sample.clock === "evaluations" ? ["evaluations", whole] : ["CPU time", seconds];
  const out = [
    ecdfFigure(sample, order, "evaluations", "evaluations", whole),
    ecdfFigure(sample, order, "cpu", "CPU time", seconds),
    typicalFigure(sample, order, unit),
  ];
  if (sample.closed.length) out.push(closedFigure(sample, order));
  out.push(runningTimeTable(sample, order, unit));
  if (sample.exact.length) out.push(exactTable(sample));
  return out;
}

function ecdfFigure(sample, order, name, axis, format) {
  const rows = sample[`ecdf_${name}`];
  const times = rows.map((row) => row.at).filter((at) => at > 0);
  const [low, high] = [Math.min(...times), Math.max(...times)];
  const most = lastOf(rows, "share", -1);
  const series = curvesOf(rows, order, "at", "share", ([at, share]) => `${percent(share, false)} by ${format(at)}`, ([at]) => at);
  for (const one of series) one.until = high;
  return figure({
    id: `ecdf-${name}`,
    title: most ? `${most.strategy} reaches ${percent(most.value, false)} of the targets over ${axis}` : `Targets reached over ${axis}`,
    how: `Higher and further left is better. Each run has eight targets, from 50 % down to 0.1 % above the best known cost; the curve is the share of them reached by then. Runs that their budget stopped are censored (Kaplan–Meier), failed runs reach nothing.`,
    rows,
    draw: (width) => lines({ width, series, title: `Targets reached over ${axis}`, x: (range) => logScale([low, high], range), y: (range) => linearScale([0, 1], range), xFormat: format, yFormat: ticked, xTitle: axis, yTitle: "share of (run, target) pairs" }),
  });
}

function typicalFigure(sample, order, [axis, format]) {
  const rows = sample.typical;
  const half = rows.filter((row) => row.level === 50);
  const [ats, values] = [half.map((row) => row.at).filter((at) => at > 0), half.map((row) => row.excess)];
  const series = curvesOf(half, order, "at", "excess", ([at, value]) => `half of its runs within ${percent(value)} after ${format(at)}`);
  for (const one of series) Object.assign(one, { until: Math.max(...ats), points: cutOff(one.points) });
  const least = lastOf(half, "excess", 1);
  return figure({
    id: "typical",
    title: least ? `Half of ${least.strategy}'s runs end ${least.value > 5e-5 ? `within ${percent(least.value, false)}` : "at the best known cost"}, over ${axis}` : `Typical excess over ${axis}`,
    how: "Lower is better. After so much effort, half of a strategy's runs over all instances had come this close to the best known cost (the 50 % attainment surface; the CSV has those of 25 and 75 % too).",
    rows,
    wide: !sample.closed.length,
    draw: (width) => lines({ width, series, title: "Typical excess", x: (range) => logScale([Math.min(...ats), Math.max(...ats)], range), y: (range) => excessScale([Math.min(0, ...values), Math.min(HIGHEST, Math.max(...values))], range), xFormat: format, yFormat: ticked, xTitle: axis, yTitle: "excess" }),
  });
}

function closedTitle(rows) {
  const most = lastOf(rows, "gap_closed", -1);
  return `${most.strategy}'s own bounds close ${percent(most.value, false)} of the gap`;
}

function closedFigure(sample, order) {
  const rows = sample.closed;
  const series = curvesOf(rows, order, "cpu_s", "gap_closed", ([at, share]) => `${percent(share, false)} closed after ${seconds(at)}`);
  const ats = rows.map((row) => row.cpu_s);
  return figure({
    id: "closed",
    title: closedTitle(rows),
    how: "Higher is better. How far the strategy's own lower bounds have risen from the problem's bound towards the best known cost, mean over its runs; 100 % is a proof.",
    rows,
    draw: (width) => lines({ width, series, title: "Gap closed", x: (range) => logScale([Math.min(...ats), Math.max(...ats)], range), y: (range) => linearScale([0, 1], range), xFormat: seconds, yFormat: ticked, xTitle: "CPU time", yTitle: "gap closed" }),
  });
}

function runningTimeTable(sample, order, [axis, format]) {
  // A target that nobody reaches on half of the instances would be a column of nothing.
  const targets = [...new Set(sample.running_time.filter((row) => Number.isFinite(row.expected)).map((row) => row.target))];
  if (!targets.length) return null;
  const integrals = new Map(sample.integral.map((row) => [row.strategy, row.integral]));
  const rows = [...groupBy(sample.running_time, "strategy")].map(([strategy, own]) => {
    const row = { strategy, integral: integrals.get(strategy) ?? null };
    for (const one of own) Object.assign(row, { [`t${one.target}`]: one.expected, [`solved${one.target}`]: one.solved, instances: one.instances });
    return row;
  });
  rows.sort((a, b) => order.indexOf(a.strategy) - order.indexOf(b.strategy));
  const columns = [
    { key: "strategy", title: "strategy", cell: (row) => nameLink(row.strategy) },
    { key: "integral", title: "primal integral", number: true, cell: (row) => percent(row.integral, false), hint: "Mean gap to the best known cost over the whole budget: 0 % is best at once" },
    ...targets.map((target) => ({
      key: `t${target}`,
      title: ticked(target),
      number: true,
      hint: `Expected ${axis} until a cost ${ticked(target)} above the best known is reached`,
      cell: (row) => [Number.isFinite(row[`t${target}`]) ? format(row[`t${target}`]) : h("span", { class: "never", title: "Never, on more than half of the instances" }, NONE), h("small", {}, `${row[`solved${target}`]} of ${row.instances}`)],
    })),
  ];
  return h(
    "div",
    { class: "wide block" },
    dataTable({ id: "running-time", title: runningTitle(rows, targets, axis, format), columns, rows }),
    h("p", { class: "how" }, "Smaller is better. What restarting until success would cost on average, median over instances (– where more than half were never reached; targets that nobody reaches on half of them are left out); beneath it, on how many instances any run reached the target. Failed runs spend and never succeed. The primal integral is the mean gap over the whole budget."),
  );
}

function runningTitle(rows, targets, axis, format) {
  const target = Math.min(...targets);
  const key = `t${target}`;
  const best = [...rows].filter((row) => Number.isFinite(row[key])).sort((a, b) => a[key] - b[key])[0];
  return `${best.strategy} is soonest at ${ticked(target)} above the best known: ${format(best[key])}${axis === "evaluations" ? " evaluations" : ""} on the median instance`;
}

function exactTable(sample) {
  const columns = [
    { key: "strategy", title: "strategy", cell: (row) => nameLink(row.strategy) },
    { key: "runs", title: "runs", number: true },
    { key: "bounded", title: "raised a bound", number: true },
    { key: "proven_share", title: "proven", number: true, cell: (row) => `${row.proven} (${percent(row.proven_share, false)})` },
    { key: "proof_cpu_s", title: "CPU time to proof", number: true, cell: (row) => seconds(row.proof_cpu_s) },
    { key: "gap_closed", title: "gap closed", number: true, cell: (row) => percent(row.gap_closed, false) },
  ];
  return h(
    "div",
    { class: "wide block" },
    dataTable({ id: "exact", title: exactTitle(sample.exact), columns, rows: sample.exact }),
    h("p", { class: "how" }, "Runs that raised the lower bound or proved an optimum (gap of at most one in a million); the time is the median over the runs that proved."),
  );
}

function exactTitle(rows) {
  const most = [...rows].sort((a, b) => b.proven_share - a.proven_share)[0];
  return most.proven ? `${most.strategy} proves the optimum in ${percent(most.proven_share, false)} of its runs` : "Bounds were raised, and no optimum was proven";
}

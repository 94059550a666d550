// How close each strategy comes to the best known cost, at the end and on the way there.

function curvesOf(rows, order, xKey, yKey, tell, start = null) {
  const groups = groupBy(rows, "strategy");
  return order.map((name) => {
    const points = (groups.get(name) ?? []).map((row) => [row[xKey], row[yKey]]);
    return { name, points: start && points.length ? [[start(points[0]), 0], ...points] : points, tell };
  });
}

function closenessSection(sample, order) {
  const rows = sample.leaderboard.map((row) => ({ name: row.strategy, value: row.excess, low: row.excess_low, high: row.excess_high, second: row.excess_capped_mean, note: `${percent(row.excess_low)} to ${percent(row.excess_high)}` }));
  const series = curvesOf(sample.profile, order, "excess", "share", ([at, share]) => `${percent(share, false)} of runs within ${percent(at, false)}`);
  return [
    figure({
      id: "excess",
      title: "Excess over the best known cost",
      how: "Further left is better. The dot is the interquartile mean over instances with its 95 % interval; the tick is the mean over all instances with failures at the penalty. A tick far to the right of its dot means that some instances went very wrong.",
      rows: sample.leaderboard,
      draw: (width) => intervals({ width, rows, scale: excessScale, format: percent, tick: ticked, title: "Excess with 95 % intervals", xTitle: "excess over best known", reference: 0 }),
    }),
    figure({
      id: "profile",
      title: "Share of runs within an excess",
      how: "Higher is better. At 1 % on the axis, the curve is the share of runs that ended within 1 % of the best known cost; a failed run never counts.",
      rows: sample.profile,
      draw: (width) => lines({ width, series, title: "Performance profile", x: (range) => logScale([1e-4, 2], range), y: (range) => linearScale([0, 1], range), xFormat: ticked, yFormat: ticked, xTitle: "excess over best known", yTitle: "share of runs" }),
    }),
  ];
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
  const series = curvesOf(rows, order, "at", "share", ([at, share]) => `${percent(share, false)} by ${format(at)}`, ([at]) => at);
  for (const one of series) one.until = high;
  return figure({
    id: `ecdf-${name}`,
    title: `Targets reached over ${axis}`,
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
  for (const one of series) one.until = Math.max(...ats);
  return figure({
    id: "typical",
    title: `Typical excess over ${axis}`,
    how: "Lower is better. After so much effort, half of a strategy's runs over all instances had come this close to the best known cost (the 50 % attainment surface; the CSV has those of 25 and 75 % too).",
    rows,
    wide: !sample.closed.length,
    draw: (width) => lines({ width, series, title: "Typical excess", x: (range) => logScale([Math.min(...ats), Math.max(...ats)], range), y: (range) => excessScale([Math.min(0, ...values), Math.max(...values)], range), xFormat: format, yFormat: ticked, xTitle: axis, yTitle: "excess" }),
  });
}

function closedFigure(sample, order) {
  const rows = sample.closed;
  const series = curvesOf(rows, order, "cpu_s", "gap_closed", ([at, share]) => `${percent(share, false)} closed after ${seconds(at)}`);
  const ats = rows.map((row) => row.cpu_s);
  return figure({
    id: "closed",
    title: "Gap closed by proven bounds",
    how: "Higher is better. How far the strategy's own lower bounds have risen from the problem's bound towards the best known cost, mean over its runs; 100 % is a proof.",
    rows,
    draw: (width) => lines({ width, series, title: "Gap closed", x: (range) => logScale([Math.min(...ats), Math.max(...ats)], range), y: (range) => linearScale([0, 1], range), xFormat: seconds, yFormat: ticked, xTitle: "CPU time", yTitle: "gap closed" }),
  });
}

function runningTimeTable(sample, order, [axis, format]) {
  const targets = [...new Set(sample.running_time.map((row) => row.target))];
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
      cell: (row) => [Number.isFinite(row[`t${target}`]) ? format(row[`t${target}`]) : "∞", h("small", {}, `${row[`solved${target}`]} of ${row.instances}`)],
    })),
  ];
  return h(
    "div",
    { class: "wide block" },
    dataTable({ id: "running-time", title: `Expected ${axis} to reach a target`, columns, rows }),
    h("p", { class: "how" }, "Smaller is better. What restarting until success would cost on average, median over instances (∞ where more than half were never reached); beneath it, on how many instances any run reached the target. Failed runs spend and never succeed. The primal integral is the mean gap over the whole budget."),
  );
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
    dataTable({ id: "exact", title: "Strategies that prove", columns, rows: sample.exact }),
    h("p", { class: "how" }, "Runs that raised the lower bound or proved an optimum (gap of at most one in a million); the time is the median over the runs that proved."),
  );
}

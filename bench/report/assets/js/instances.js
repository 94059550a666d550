// Every instance: who wins where at a glance, then each with its topology, best allocation and curves.

function instanceSection(data, sample, order) {
  const rows = [...groupBy(sample.instances, "problem")].map(([problem, own]) => {
    const row = { problem };
    for (const one of own) row[one.strategy] = one.excess;
    row.failing = own.filter((one) => one.failed > one.runs / 2).map((one) => one.strategy);
    return row;
  });
  rows.sort((a, b) => compared(a.problem, b.problem));
  const columns = [
    { key: "problem", title: "instance", cell: (row) => h("a", { href: `#instance-${anchor(row.problem)}`, onclick: () => openInstance(row.problem) }, row.problem) },
    ...order.map((name) => ({ key: name, title: name, number: true, cell: (row) => best(row, name, order), style: (row) => shade(1 - Math.log10(1 + Math.max(0, row[name]) / 0.002) / 2.5) })),
  ];
  const cards = rows.map((row) => instanceCard(data, sample, order, row));
  const search = h("input", {
    type: "search",
    placeholder: "Filter instances",
    "aria-label": "Filter instances",
    oninput: (event) => cards.forEach((card) => card.toggleAttribute("hidden", !card.dataset.words.includes(event.target.value.toLowerCase()))),
  });
  return [
    h("div", { class: "wide block" }, h("div", { class: "matrix" }, dataTable({ id: "instances", title: "Who wins where", columns, rows, filter: true, placeholder: "Filter instances" })), h("p", { class: "how" }, "Median excess over the best known cost in percent; stronger colour is better, the best of each instance is bold, and failed means that most of the runs did.")),
    h("div", { class: "wide block" }, h("div", { class: "tools" }, h("h3", {}, "Each instance"), h("span", { class: "space" }), search), h("div", { class: "cards" }, cards)),
  ];
}

function best(row, name, order) {
  if (row.failing.includes(name)) return h("span", { class: "failed" }, "failed");
  const lowest = Math.min(...order.map((other) => row[other] ?? Infinity));
  const text = row[name] === null ? NONE : significant(100 * row[name], 2);
  return row[name] !== null && row[name] <= lowest + 1e-9 ? h("b", {}, text) : text;
}

function openInstance(problem) {
  const card = document.getElementById(`instance-${anchor(problem)}`);
  if (card) card.open = true;
}

function instanceCard(data, sample, order, row) {
  const instance = data.instances.find((one) => one.name === row.problem);
  const facts = [
    ...shapeFacts(instance),
    instance.reference_s === null ? null : `${instance.proven ? "proven optimum" : instance.reference} ${seconds(instance.reference_s)}`,
  ].filter(Boolean);
  const summary = h("summary", {}, h("b", {}, instance.name), h("span", { class: "facts" }, facts.join(" · ")));
  const card = h("details", { id: `instance-${anchor(instance.name)}`, "data-words": [instance.name, ...facts].join(" ").toLowerCase() }, summary);
  card.addEventListener("toggle", () => {
    if (card.open && card.childElementCount === 1) card.append(h("div", { class: "instance" }, instanceParts(data, sample, order, instance)));
  });
  return card;
}

function shapeFacts({ topology, kinds }) {
  if (!topology) return [];
  const [replicas, stages] = topology.shape;
  const sites = topology.sites ? `at ${plural(topology.sites.length, "site")}` : "without sites";
  return [`${replicas}×${stages}`, `${replicas * stages} devices ${sites}`, `${kinds.links} links`, `activations ${kinds["activations per gradient byte"]}`];
}

function instanceParts(data, sample, order, instance) {
  const parts = [];
  const { topology } = instance;
  if (topology && topology.links) parts.push(mapFigure(data, instance));
  if (instance.best) parts.push(gridFigure(instance));
  if (instance.iteration) parts.push(iterationFigure(instance));
  parts.push(curveFigure(sample, order, instance));
  if (topology) parts.push(heatFigure(instance));
  parts.push(resultTable(sample, instance));
  if (!topology) parts.unshift(h("p", { class: "none" }, "This instance is not in the catalogue, so its topology is not shown."));
  return parts;
}

function mapFigure(data, instance) {
  const rows = instance.topology.sites.map(([name, devices]) => ({ name, devices }));
  const how = "Circles are sites, larger with more devices; each is joined with its three fastest others.";
  return figure({ id: `map-${anchor(instance.name)}`, title: "Sites", how, rows, wide: true, draw: (width) => worldMap(data.land, instance, width) });
}

function heatFigure(instance) {
  const { heat, sites } = instance.topology;
  const unit = heat.unit === "site" ? "two sites (inside one on the diagonal)" : `two devices${instance.best ? ", in the order of the best allocation's stages" : ""}`;
  const rows = Array.from(atob(heat.shades), (letter, index) => {
    const [row, column, shade] = [Math.floor(index / heat.n), index % heat.n, letter.charCodeAt(0)];
    const name = (place) => (sites ? sites[place][0] : place * heat.devices_per_cell);
    return { from: name(row), to: name(column), seconds: shade ? heat.low_s * (heat.high_s / heat.low_s) ** ((shade - 1) / 254) : null };
  });
  const how = `Seconds that a macro-batch's activations take between ${unit}, both directions together; dark is fast.`;
  return figure({ id: `heat-${anchor(instance.name)}`, title: "Pair costs", how, rows, draw: (width) => heatMap(heat, sites, width) });
}

function gridFigure(instance) {
  const { best } = instance;
  const rows = best.grid.flatMap((devices, pipeline) => devices.map((device, stage) => ({ pipeline, stage, device, site: instance.topology.sites ? instance.topology.sites[best.site_of[device]][0] : "" })));
  const how = `Found by ${best.strategy}: ${seconds(best.cost_s)}, of which data parallel ${seconds(best.data_parallel_s)} and pipeline ${seconds(best.pipeline_s)}. Rows are pipelines, columns stages, colours sites. The thick wire is the slowest of its boundary (seconds beneath); the frame is the slowest data-parallel group, with the device that it waits for.`;
  return figure({ id: `grid-${anchor(instance.name)}`, title: "Best allocation", how, rows, wide: longPipelines(instance), draw: (width) => allocationGrid(instance, width) });
}

function longPipelines({ topology }) {
  return !topology || topology.shape[1] > 8;
}

function curveFigure(sample, order, instance) {
  const rows = sample.curves.filter((row) => row.problem === instance.name);
  const format = sample.clock === "evaluations" ? whole : seconds;
  const axis = sample.clock === "evaluations" ? "evaluations" : "CPU time";
  const series = curvesOf(rows, order, "at", "excess", ([at, value]) => `${percent(value)} after ${format(at)}`);
  const ats = rows.map((row) => row.at).filter((at) => at > 0);
  const values = rows.map((row) => row.excess);
  for (const one of series) one.until = Math.max(...ats);
  return figure({
    id: `curves-${anchor(instance.name)}`,
    title: `Excess over ${axis}`,
    how: "Lower is better: what half of a strategy's seeds had reached by then.",
    rows,
    draw: (width) => lines({ width, series, height: 280, title: `Excess on ${instance.name}`, x: (range) => logScale([Math.min(...ats), Math.max(...ats)], range), y: (range) => excessScale([Math.min(0, ...values), Math.max(...values)], range), xFormat: format, yFormat: ticked, xTitle: axis, yTitle: "excess" }),
  });
}

function resultTable(sample, instance) {
  const simulated = new Map(sample.seconds.filter((row) => row.problem === instance.name).map((row) => [row.strategy, row.simulated_s]));
  const rows = sample.instances.filter((row) => row.problem === instance.name).map((row) => ({ ...row, simulated_s: simulated.get(row.strategy) }));
  const columns = [
    { key: "strategy", title: "strategy", cell: (row) => nameLink(row.strategy) },
    { key: "score_s", title: "median cost", number: true, cell: (row) => [seconds(row.score_s), row.runs > 1 ? h("small", {}, `${seconds(row.low_s)} to ${seconds(row.high_s)}`) : ""] },
    { key: "excess", title: "excess", number: true, cell: (row) => percent(row.excess) },
    { key: "simulated_s", title: "simulated", number: true, cell: (row) => seconds(row.simulated_s), hint: "One training iteration of its best allocation: GPipe, 8 micro-batches, independent links" },
    { key: "failed", title: "failed", number: true, cell: (row) => (row.failed ? h("span", { class: "failed" }, `${row.failed} of ${row.runs}`) : NONE) },
  ];
  return h("div", { class: `results${longPipelines(instance) ? " wide" : ""}` }, dataTable({ id: `results-${anchor(instance.name)}`, title: "Results", columns, rows, sorted: "score_s" }));
}

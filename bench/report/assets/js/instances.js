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
    { key: "problem", title: "instance", cell: (row) => h("a", { href: `#instance-${anchor(row.problem)}`, title: row.problem }, breakable(row.problem)) },
    ...order.map((name) => ({ key: name, title: name, number: true, cell: (row) => best(row, name, order), style: (row) => shade(1 - Math.log10(1 + Math.max(0, row[name]) / 0.002) / 2.5) })),
  ];
  const cards = rows.map((row) => instanceCard(data, sample, order, row));
  const search = h("input", {
    type: "search",
    id: "filter-cards",
    placeholder: "Filter instances",
    "aria-label": "Filter the instances",
    oninput: (event) => choose({ filter: withEntry("filter", "cards", event.target.value), at: "instances" }, { step: false }),
  });
  return [
    h("div", { class: "wide block" }, h("div", { class: "matrix" }, dataTable({ id: "instances", title: whereTitle(rows, order), columns, rows, filter: true, placeholder: "Filter instances" })), h("p", { class: "how" }, "Median excess over the best known cost in percent; stronger colour is better, the best of each instance is bold, and failed means that most of the runs did.")),
    h("div", { class: "wide block" }, h("div", { class: "tools" }, h("h3", {}, "Each instance"), h("span", { class: "space" }), search), h("div", { class: "cards" }, cards)),
  ];
}

function best(row, name, order) {
  if (row.failing.includes(name)) return h("span", { class: "failed" }, "failed");
  if (row[name] === undefined) return NONE;
  const lowest = Math.min(...order.map((other) => row[other] ?? Infinity));
  const text = row[name] === null ? NONE : significant(100 * row[name], 2);
  return row[name] !== null && row[name] <= lowest + 1e-9 ? h("b", {}, text) : text;
}

// Cards that hold the words of the filter in the address are shown.
function restoreCards() {
  const words = (listed("filter", "cards") ?? "").toLowerCase();
  const search = document.getElementById("filter-cards");
  if (search && search.value.toLowerCase() !== words) search.value = words;
  for (const card of document.querySelectorAll("#instances details[data-words]")) card.hidden = !card.dataset.words.includes(words);
}

function whereTitle(rows, order) {
  const close = rows.filter((row) => order.some((name) => row[name] !== null && row[name] <= 0.01)).length;
  return `On ${close} of ${plural(rows.length, "instance")} somebody ends within 1 % of the best known cost`;
}

function instanceCard(data, sample, order, row) {
  const instance = data.instances.find((one) => one.name === row.problem);
  const facts = [
    ...shapeFacts(instance),
    instance.reference_s === null ? null : `${instance.proven ? "proven optimum" : instance.reference} ${seconds(instance.reference_s)}`,
  ].filter(Boolean);
  const summary = h("summary", {}, h("b", {}, breakable(instance.name)), h("span", { class: "facts" }, facts.join(" · ")));
  const card = h("details", { id: `instance-${anchor(instance.name)}`, "data-words": [instance.name, ...facts].join(" ").toLowerCase() }, summary);
  card.fill = () => {
    if (card.childElementCount === 1) card.append(h("div", { class: "instance" }, instanceParts(sample, order, instance)));
  };
  card.addEventListener("toggle", () => card.open && card.fill());
  return remembered(card);
}

function shapeFacts({ topology, kinds, n_devices: devices }) {
  if (!topology) return [devices ? plural(devices, "device") : null, ...Object.entries(kinds).map(([dimension, kind]) => `${dimension}: ${kind}`)];
  const [replicas, stages] = topology.shape;
  const sites = topology.sites ? `at ${plural(topology.sites.length, "site")}` : "without sites";
  return [`${replicas}×${stages}`, `${replicas * stages} devices ${sites}`, `${kinds.links} links`, `activations ${kinds["activations per gradient byte"]}`];
}

function instanceParts(sample, order, instance) {
  const parts = [];
  const { topology } = instance;
  if (instance.drawings?.map) parts.push(mapFigure(instance));
  if (instance.decision) parts.push(decisionPart(instance));
  if (instance.best) parts.push(gridFigure(instance));
  if (instance.iteration) parts.push(iterationFigure(instance));
  parts.push(curveFigure(sample, order, instance));
  if (topology) parts.push(heatFigure(instance));
  parts.push(resultTable(sample, instance));
  if (!topology && instance.n_devices === undefined) parts.unshift(h("p", { class: "none" }, "This instance is not in the catalogue, so its topology is not shown."));
  parts.unshift(h("p", { class: "wide tools" }, h("button", { class: "quiet", type: "button", onclick: (event) => copyLink(event.currentTarget, `instance-${anchor(instance.name)}`) }, "Copy link to this instance")));
  return parts;
}

// The best decision of a family that places no grid, in the lines that a terminal shows too.
function decisionPart(instance) {
  const { decision, facts } = instance;
  const parts = Object.entries(decision.parts_s ?? {}).map(([part, value]) => `${part.replace(/_s$/, "").replaceAll("_", " ")} ${seconds(value)}`).join(", ");
  const about = Object.entries(facts ?? {}).flatMap(([term, value]) => [h("dt", {}, term), h("dd", {}, value)]);
  return h("div", { class: "wide block" }, h("h3", {}, `Best decision, ${seconds(decision.cost_s)}`), h("p", { class: "how" }, `Reached by ${decision.strategy}${parts ? `: ${parts}` : ""}.`), h("pre", { tabindex: 0 }, decision.lines.join("\n")), h("dl", {}, about));
}

function gridFigure(instance) {
  const { best } = instance;
  const rows = best.grid.flatMap((devices, pipeline) => devices.map((device, stage) => ({ pipeline, stage, device, site: instance.topology.sites ? instance.topology.sites[best.site_of[device]][0] : "" })));
  const how = `Reached by ${best.strategy}; data parallel ${seconds(best.parts_s.data_parallel_s)}, pipeline ${seconds(best.parts_s.pipeline_s)}. Rows are pipelines, columns stages, colours sites. The thick wire is the slowest of its boundary (seconds beneath); the frame is the slowest data-parallel group, with the device that it waits for.`;
  return figure({ id: `grid-${anchor(instance.name)}`, title: `Best allocation: ${seconds(best.cost_s)}`, how, rows, wide: longPipelines(instance), draw: (width) => allocationGrid(instance, width) });
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
  for (const one of series) Object.assign(one, { until: Math.max(...ats), points: cutOff(one.points) });
  return figure({
    id: `curves-${anchor(instance.name)}`,
    title: curveTitle(rows, axis),
    how: "Lower is better: what half of a strategy's seeds had reached by then.",
    rows,
    draw: (width) => lines({ width, series, height: 280, title: `Excess on ${instance.name}`, x: (range) => logScale([Math.min(...ats), Math.max(...ats)], range), y: (range) => excessScale([Math.min(0, ...values), Math.min(HIGHEST, Math.max(...values))], range), xFormat: format, yFormat: ticked, xTitle: axis, yTitle: "excess" }),
  });
}

function curveTitle(rows, axis) {
  const least = lastOf(rows, "excess", 1);
  return least ? `${least.strategy} ends lowest, ${percent(least.value)}, over ${axis}` : `Excess over ${axis}`;
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
  if (!simulated.size) columns.splice(columns.findIndex((column) => column.key === "simulated_s"), 1);
  return h("div", { class: `results${longPipelines(instance) ? " wide" : ""}` }, dataTable({ id: `results-${anchor(instance.name)}`, title: `Median costs from ${seconds(Math.min(...rows.map((row) => row.score_s)))} to ${seconds(Math.max(...rows.map((row) => row.score_s)))}`, columns, rows, sorted: "score_s" }));
}

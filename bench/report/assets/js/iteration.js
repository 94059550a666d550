// One simulated iteration of the best allocation: a line per device, what it computes and sends over time.

const WORK = {
  forward: ["#0072b2", "forward", 0],
  backward: ["#56b4e9", "backward", 0],
  activations: ["#e69f00", "activations", 1],
  activation_gradients: ["#b8a800", "activation gradients", 1],
  gradients: ["#d55e00", "gradients", 2],
};

function iterationFigure(instance) {
  const { iteration } = instance;
  const { sites } = instance.topology;
  const rows = Object.entries(iteration.bars).flatMap(([what, flat]) =>
    Array.from({ length: flat.length / 3 }, (_, index) => {
      const [line, start, length] = flat.slice(3 * index, 3 * index + 3);
      const [pipeline, stage, device] = iteration.rows[line];
      const unit_s = iteration.iteration_s / iteration.parts;
      return { pipeline, stage, device, what: WORK[what][1], start_s: start * unit_s, end_s: (start + length) * unit_s };
    }),
  );
  const critical = Object.entries(iteration.critical)
    .sort((a, b) => b[1] - a[1])
    .map(([what, value]) => `${WORK[what] ? WORK[what][1] : what} ${percent(value / iteration.iteration_s, false)}`)
    .join(", ");
  const how = `The best allocation above takes ${seconds(iteration.iteration_s)} an iteration, simulated with GPipe, 8 micro-batches, the paper's exchange and independent links. Each line is a device${sites ? " (its site at the left)" : ""}, pipeline by pipeline. On the critical path: ${critical}.${iteration.notes.length ? ` Note: ${iteration.notes.join("; ")}.` : ""}`;
  return figure({ id: `iteration-${anchor(instance.name)}`, title: "One iteration, simulated", how, rows, wide: true, draw: (width) => iterationChart(instance, width) });
}

function iterationChart(instance, width) {
  const { iteration } = instance;
  const line = iteration.rows.length > 64 ? 7 : iteration.rows.length > 24 ? 9 : 14;
  const legend = legendPlaces(Object.keys(WORK).filter((name) => iteration.bars[name]), 44, width);
  const [left, top, stages] = [44, legend.at(-1).y + 22, instance.best.grid[0].length];
  const y = (row) => top + row * line + Math.floor(row / stages) * 5;
  const bottom = y(iteration.rows.length - 1) + line;
  const svg = canvas(width, bottom + 44, `One simulated iteration of ${instance.name}`);
  const scale = linearScale([0, iteration.iteration_s], [left, width - 8]);
  for (const tick of scale.ticks) {
    svg.append(s("line", { class: "rule", x1: scale(tick), x2: scale(tick), y1: top, y2: bottom }));
    svg.append(s("text", { class: "tick", x: scale(tick), y: bottom + 16, "text-anchor": "middle" }, significant(tick)));
  }
  svg.append(s("text", { class: "axis", x: width - 8, y: bottom + 34, "text-anchor": "end" }, "seconds"));
  const sites = instance.topology.sites;
  iteration.rows.forEach(([pipeline, stage, device], row) => {
    if (stage === 0) svg.append(s("text", { class: "tick", x: left - 8, y: y(row) + line - 2, "text-anchor": "end" }, `#${pipeline}`));
    const box = s("rect", { x: left - 5, y: y(row), width: 4, height: line - 1, fill: sites ? siteColour(instance.best.site_of[device]) : "var(--s-none)" });
    box.append(s("title", {}, `pipeline ${pipeline}, stage ${stage}: device ${device}${sites ? ` at ${sites[instance.best.site_of[device]][0]}` : ""}`));
    svg.append(box);
  });
  const unit = (width - 8 - left) / iteration.parts;
  for (const [what, flat] of Object.entries(iteration.bars)) {
    const [colour, , lane] = WORK[what];
    const height = (line - 1) / 3;
    let path = "";
    for (let index = 0; index < flat.length; index += 3) {
      const at = (y(flat[index]) + lane * height).toFixed(1);
      path += `M${(left + flat[index + 1] * unit).toFixed(1)} ${at}h${(flat[index + 2] * unit).toFixed(1)}v${height.toFixed(1)}h${(-flat[index + 2] * unit).toFixed(1)}z`;
    }
    svg.append(s("path", { d: path, fill: colour }));
  }
  for (const { what, x, y: at } of legend) {
    const [colour, words] = WORK[what];
    svg.append(s("rect", { x, y: at, width: 10, height: 10, fill: colour }), s("text", { class: "tick", x: x + 14, y: at + 9 }, words));
  }
  return svg;
}

// One after the other, on a new line where there is no room.
function legendPlaces(names, left, width) {
  let [x, y] = [left, 4];
  return names.map((what) => {
    const room = 26 + 6.4 * WORK[what][1].length;
    if (x > left && x + room > width) [x, y] = [left, y + 16];
    x += room;
    return { what, x: x - room, y };
  });
}

// Median over instances of how much longer than the quickest entrant's an iteration is, per entrant.
function simulatedExcess(sample) {
  const ratios = new Map();
  for (const own of groupBy(sample.seconds, "problem").values()) {
    const least = Math.min(...own.map((row) => row.simulated_s));
    for (const row of own) ratios.set(row.strategy, [...(ratios.get(row.strategy) ?? []), least > 0 ? row.simulated_s / least - 1 : 0]);
  }
  return new Map([...ratios].map(([name, values]) => [name, median(values)]));
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

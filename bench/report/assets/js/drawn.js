// Drawings that came with the data as SVG: maps, heat maps and iterations. What a reader points at is named.

function drawn(svg, name) {
  const box = h("div", { class: "drawn" });
  box.innerHTML = svg;
  const image = box.firstElementChild;
  image.setAttribute("role", "img");
  image.setAttribute("aria-label", name);
  return box;
}

// A table of the pair costs behind a heat map: levels from 1 (low) to 255 (high) on a logarithmic scale, 0 is no link.
function pairCosts({ heat, sites }) {
  const levels = Uint8Array.from(atob(heat.shades), (letter) => letter.charCodeAt(0));
  const name = (place) => (heat.unit === "site" && sites ? sites[place * heat.devices_per_cell][0] : `#${place * heat.devices_per_cell}`);
  return Array.from(levels, (level, index) => ({
    from: name(Math.floor(index / heat.n)),
    to: name(index % heat.n),
    seconds: level ? heat.low_s * (heat.high_s / heat.low_s) ** ((level - 1) / 254) : null,
  }));
}

function heatMap(instance, rows) {
  const { n } = instance.topology.heat;
  const box = drawn(instance.drawings.heat, `Pair costs of ${instance.name}`);
  const text = h("p", { class: "said" }, "\u00a0");
  const cells = box.querySelector(".cells");
  cells.addEventListener("pointermove", (event) => {
    const area = cells.getBoundingClientRect();
    const place = (at, size) => Math.max(0, Math.min(n - 1, Math.floor((at / size) * n)));
    const row = rows[place(event.clientY - area.top, area.height) * n + place(event.clientX - area.left, area.width)];
    text.textContent = `${row.from} – ${row.to}: ${row.seconds === null ? "no link" : seconds(row.seconds)}`;
  });
  return h("div", {}, box, text);
}

// The bars behind the drawing of an iteration.
function iterationRows({ iteration }) {
  const unit_s = iteration.iteration_s / iteration.parts;
  return Object.entries(iteration.bars).flatMap(([what, flat]) =>
    Array.from({ length: flat.length / 3 }, (_, index) => {
      const [line, start, length] = flat.slice(3 * index, 3 * index + 3);
      const [pipeline, stage, device] = iteration.rows[line];
      return { pipeline, stage, device, what, start_s: start * unit_s, end_s: (start + length) * unit_s };
    }),
  );
}

function iterationFigure(instance) {
  const { iteration, topology } = instance;
  const critical = Object.entries(iteration.critical)
    .sort((a, b) => b[1] - a[1])
    .map(([what, value]) => `${what} ${percent(value / iteration.iteration_s, false)}`)
    .join(", ");
  const [longest] = Object.entries(iteration.critical).sort((a, b) => b[1] - a[1])[0] ?? ["nothing"];
  const notes = iteration.notes.length ? ` Note: ${iteration.notes.join("; ")}.` : "";
  const how = `The best allocation above, simulated with GPipe, 8 micro-batches, the paper's exchange and independent links. Each line is a device${topology.sites ? " (its site at the left)" : ""}, pipeline by pipeline, over seconds. On the critical path: ${critical}.${notes}`;
  return figure({
    id: `iteration-${anchor(instance.name)}`,
    title: `An iteration takes ${seconds(iteration.iteration_s)}; ${longest} are the longest part of its critical path`,
    how,
    rows: iterationRows(instance),
    wide: true,
    draw: () => h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `One simulated iteration of ${instance.name}` }, drawn(iteration.drawing, `One simulated iteration of ${instance.name}`)),
  });
}

function mapFigure(instance) {
  const rows = instance.topology.sites.map(([name, devices]) => ({ name, devices }));
  const total = rows.reduce((sum, row) => sum + row.devices, 0);
  return figure({
    id: `map-${anchor(instance.name)}`,
    title: `${plural(total, "device")} at ${plural(rows.length, "site")}`,
    how: "Circles are sites, larger with more devices; each is joined with its three fastest others. Equal Earth projection.",
    rows,
    wide: true,
    draw: (width) => drawn(width < 620 ? instance.drawings.map_narrow : instance.drawings.map, `Sites of ${instance.name}`),
  });
}

function heatFigure(instance) {
  const { heat } = instance.topology;
  const rows = pairCosts(instance.topology);
  const unit = heat.unit === "site" ? "two sites (inside one on the diagonal)" : `two devices${instance.best ? ", in the order of the best allocation's stages" : ""}`;
  return figure({
    id: `heat-${anchor(instance.name)}`,
    title: heat.high_s > heat.low_s ? `The slowest pair costs ${significant(heat.high_s / heat.low_s, 2)} times the fastest` : "All pairs cost the same",
    how: `Seconds that a macro-batch's activations take between ${unit}, both directions together, on a logarithmic scale; dark is fast.`,
    rows,
    draw: () => heatMap(instance, rows),
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

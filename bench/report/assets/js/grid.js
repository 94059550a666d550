// The best allocation as its D×K grid: rows are pipelines, columns are stages, each cell a device in its site's colour.
// The slowest wire of every boundary is drawn thick, and the slowest data-parallel group is framed.

const SITE_COLOURS = 8;

function siteColour(index) {
  return `var(--s${index % SITE_COLOURS})`;
}

function siteCode(name, index, names) {
  const letters = name.replace(/[^A-Za-z0-9]/g, "").slice(0, 3);
  const first = names.findIndex((other) => other.replace(/[^A-Za-z0-9]/g, "").slice(0, 3) === letters);
  return first === index ? letters : `${letters.slice(0, 1)}${index}`;
}

function allocationGrid(instance, width) {
  const { grid, site_of: siteOf, boundaries, group } = instance.best;
  const sites = instance.topology.sites;
  const names = sites ? sites.map((site) => site[0]) : [];
  const [rows, columns] = [grid.length, grid[0].length];
  const step = Math.min(84, (width - 30) / columns);
  const cell = Math.max(5, Math.min(34, step * (step < 50 ? 0.74 : 0.62)));
  const line = Math.max(7, Math.min(26, cell * 0.95));
  const [left, top] = [26, 24];
  const size = [left + step * (columns - 1) + cell + 6, top + rows * line + 30];
  const svg = canvas(size[0], size[1], `Best allocation of ${instance.name}`);
  const x = (column) => left + column * step;
  const y = (row) => top + row * line;
  const middle = (row) => y(row) + (line - 2) / 2;
  boundaries.forEach(([slow, cost_s], column) => {
    const gap = [x(column) + cell, x(column + 1)];
    if (rows <= 64) for (let row = 0; row < rows; row += 1) svg.append(s("line", { class: "wire", x1: gap[0], x2: gap[1], y1: middle(row), y2: middle(row) }));
    svg.append(s("line", { class: "slow", x1: gap[0], x2: gap[1], y1: middle(slow), y2: middle(slow) }, s("title", {}, seconds(cost_s))));
    if (step > 40) svg.append(s("text", { class: "cost", x: (gap[0] + gap[1]) / 2, y: size[1] - 10, "text-anchor": "middle" }, significant(cost_s, 2)));
  });
  for (let column = 0; column < columns; column += 1) {
    if (step > 14) svg.append(s("text", { class: "tick", x: x(column) + cell / 2, y: 14, "text-anchor": "middle" }, column));
    for (let row = 0; row < rows; row += 1) {
      const device = grid[row][column];
      const site = siteOf[device];
      const fill = sites ? siteColour(site) : "var(--s-none)";
      const box = s("rect", { class: "cell", x: x(column), y: y(row), width: cell, height: line - 2, rx: 2, fill });
      box.append(s("title", {}, `device ${device}${sites ? ` at ${names[site]}` : ""}: pipeline ${row}, stage ${column}`));
      svg.append(box);
      const text = sites ? siteCode(names[site], site, names) : String(device);
      if (cell > 20 && line > 11) svg.append(s("text", { class: `code${sites ? "" : " plain"}`, "font-size": cell > 27 ? 10 : 8.5, x: x(column) + cell / 2, y: middle(row) + 3.5, "text-anchor": "middle" }, text));
    }
  }
  const [stage, row, cost_s] = group;
  svg.append(s("rect", { class: "frame", x: x(stage) - 3, y: top - 3, width: cell + 6, height: rows * line + 4, rx: 4 }, s("title", {}, seconds(cost_s))));
  svg.append(s("rect", { class: "frame inner", x: x(stage), y: y(row), width: cell, height: line - 2, rx: 2 }));
  if (rows <= 64) for (let r = 0; r < rows; r += rows > 20 ? 4 : 1) svg.append(s("text", { class: "tick", x: left - 8, y: middle(r) + 4, "text-anchor": "end" }, r));
  return h("div", { class: "scroll" }, svg);
}

// One line a strategy from budget to budget: how its excess changes with what it may spend.

function slopes({ width, budgets, series, title }) {
  const narrow = width < 560;
  const [left, right] = [56, Math.min(240, width * (narrow ? 0.47 : 0.3))];
  const height = Math.max(420, 85 + LABEL_GAP * series.length);
  const svg = canvas(width, height, title);
  const area = [left, 30, width - right, height - 40];
  const values = series.flatMap((one) => one.points.map(([, value]) => value));
  const y = excessScale([Math.min(0, ...values), Math.max(...values)], [area[3], area[1]]);
  const x = (place) => area[0] + 12 + ((area[2] - area[0] - 24) * place) / Math.max(1, budgets.length - 1);
  for (const tick of y.ticks) {
    svg.append(s("line", { class: "rule", x1: area[0], x2: area[2], y1: y(tick), y2: y(tick) }));
    svg.append(s("text", { class: "tick", x: area[0] - 6, y: y(tick) + 4, "text-anchor": "end" }, ticked(tick)));
  }
  budgets.forEach((name, place) => {
    const anchorAt = place === 0 ? "start" : place === budgets.length - 1 ? "end" : "middle";
    svg.append(s("line", { class: "zero", x1: x(place), x2: x(place), y1: area[1], y2: area[3] }));
    svg.append(s("text", { class: "note", x: x(place), y: height - 20 + (narrow && place % 2 ? 16 : 0), "text-anchor": anchorAt }, name));
  });
  svg.append(s("text", { class: "axis", x: 0, y: 12 }, "excess over best known (symmetric log)"));
  const drawing = [...series].sort((a, b) => highlight.place(a.name) - highlight.place(b.name));
  for (const { name, points } of drawing) {
    const style = highlight.style(name);
    const path = points.map(([place, value], index) => `${index ? "L" : "M"}${x(place).toFixed(1)} ${y(value).toFixed(1)}`).join("");
    const words = points.map(([place, value]) => `${percent(value)} after ${budgets[place]}`).join(", ");
    const group = s("g", {}, s("title", {}, `${name}: ${words}`), s("path", { class: "curve", fill: "none", d: path, ...style }));
    for (const [place, value] of points) group.append(s("circle", { cx: x(place), cy: y(value), r: highlight.place(name) < 0 ? 2.5 : 4, fill: style.stroke }));
    svg.append(group);
  }
  const ends = series.filter((one) => one.points.length).map((one) => ({ name: one.name, points: [one.points.at(-1)] }));
  endLabels(svg, ends, y, area, width, (one) => percent(one.points[0][1]));
  return svg;
}

// Estimates with their intervals, one row per strategy: a dot, a bar, and the figures beside it.

function intervals({ width, rows, scale, format, tick = format, title, xTitle, reference = null, band = null }) {
  const rowHeight = 26;
  const narrow = width < 470;
  const nameWidth = Math.min(230, width * (narrow ? 0.36 : 0.27));
  const valueWidth = narrow ? 74 : 176;
  const height = rows.length * rowHeight + 58;
  const svg = canvas(width, height, title);
  const area = [nameWidth + 12, 14, width - valueWidth - 12, height - 40];
  const finite = rows.flatMap((row) => [row.low, row.high, row.value, row.second, reference, ...(band ?? [])]).filter(Number.isFinite);
  const x = scale([Math.min(...finite), Math.max(...finite)], [area[0], area[2]]);
  if (band) svg.append(s("rect", { class: "band", x: x(band[0]), y: area[1], width: Math.max(1, x(band[1]) - x(band[0])), height: area[3] - area[1] }));
  axes(svg, { x, area, xFormat: (value) => tick(value), xTitle });
  if (reference !== null) svg.append(s("line", { class: "zero", x1: x(reference), x2: x(reference), y1: area[1], y2: area[3] }));
  const clip = (value) => (Number.isFinite(value) ? x(value) : value > 0 ? area[2] : area[0]);
  rows.forEach((row, index) => {
    const y = area[1] + (index + 0.5) * rowHeight;
    const colour = highlight.colour(row.name);
    svg.append(label(row.name, { class: "name", x: nameWidth, y: y + 4, "text-anchor": "end", style: `fill:${colour}` }, nameWidth));
    svg.append(s("line", { class: "bar", x1: clip(row.low), x2: clip(row.high), y1: y, y2: y, stroke: colour }));
    svg.append(s("circle", { cx: clip(row.value), cy: y, r: 4.5, fill: colour }));
    if (row.outlier) svg.append(s("text", { class: "tick", x: clip(row.second) + 5, y: y + 4 }, "†", s("title", {}, row.outlier)));
    if (row.second !== undefined) svg.append(s("path", { class: "second", d: `M${clip(row.second)} ${y - 5}v10`, stroke: colour }));
    svg.append(s("text", { class: "figures", x: area[2] + 12, y: y + 4 }, format(row.value), s("tspan", { class: "faint" }, `  ${(narrow ? row.sign : row.note) ?? ""}`)));
  });
  return svg;
}

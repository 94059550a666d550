// Step curves, one per strategy: those that stand out are named at their ends, the others on touch.

function lines({ width, series, x, y, height = 320, ...titles }) {
  const svg = canvas(width, height, titles.title);
  const named = series.filter((one) => highlight.place(one.name) >= 0 && one.points.length);
  const margin = named.length ? Math.min(180, Math.max(84, width * 0.28)) : 16;
  const area = [46, 28, width - margin, height - 44];
  const [xScale, yScale] = [x([area[0], area[2]]), y([area[3], area[1]])];
  axes(svg, { x: xScale, y: yScale, area, ...titles });
  const drawn = [...series].sort((a, b) => highlight.place(a.name) - highlight.place(b.name));
  for (const one of drawn) {
    if (!one.points.length) continue;
    svg.append(s("path", { class: "curve", fill: "none", d: stepPath(one.points, xScale, yScale, one.until), ...highlight.style(one.name) }));
  }
  endLabels(svg, named, yScale, area, width);
  touchable(svg, series, xScale, yScale, area);
  return svg;
}

function stepPath(points, x, y, until) {
  const [first, ...rest] = points;
  const steps = rest.map(([at, value]) => `H${x(at).toFixed(1)}V${y(value).toFixed(1)}`).join("");
  const tail = until === undefined ? "" : `H${x(until).toFixed(1)}`;
  return `M${x(first[0]).toFixed(1)} ${y(first[1]).toFixed(1)}${steps}${tail}`;
}

function endLabels(svg, series, y, area, width, figure = null) {
  const places = series
    .map((one) => ({ name: one.name, at: y(one.points.at(-1)[1]), figure: figure ? ` ${figure(one)}` : "" }))
    .sort((a, b) => a.at - b.at);
  keepApart(places, area[3]);
  for (const place of places) {
    const attributes = { class: "name", x: area[2] + 6, y: place.at + 4, style: `fill:${highlight.colour(place.name)}` };
    svg.append(label(place.name, attributes, width - area[2] - 6 - 7 * place.figure.length, place.figure));
  }
}

const LABEL_GAP = 15;

// Labels in their order, each a gap below the one before; at the bottom they give way upwards, no farther than they must.
function keepApart(places, bottom) {
  places.forEach((place, index) => {
    if (index) place.at = Math.max(place.at, places[index - 1].at + LABEL_GAP);
  });
  let below = bottom + LABEL_GAP;
  for (const place of [...places].reverse()) below = place.at = Math.min(place.at, below - LABEL_GAP);
}

// The curve nearest to the pointer is named, with its value there.
function touchable(svg, series, x, y, area) {
  const mark = s("path", { class: "touched", fill: "none" });
  const text = s("text", { class: "note", x: area[2], y: 12, "text-anchor": "end" });
  svg.append(mark, text);
  const paths = series
    .filter((one) => one.points.length)
    .map((one) => ({ ...one, pixels: one.points.map(([at, value]) => [x(at), y(value)]) }));
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    let nearest = null;
    for (const one of paths) {
      const reached = one.pixels.filter(([at]) => at <= px).length - 1;
      if (reached < 0) continue;
      const distance = Math.abs(one.pixels[reached][1] - py);
      if (!nearest || distance < nearest.distance) nearest = { one, reached, distance };
    }
    if (!nearest || nearest.distance > 40) return leave();
    mark.setAttribute("d", stepPath(nearest.one.points, x, y, nearest.one.until));
    text.textContent = `${nearest.one.name}: ${nearest.one.tell(nearest.one.points[nearest.reached])}`;
  });
  const leave = () => {
    mark.removeAttribute("d");
    text.textContent = "";
  };
  svg.addEventListener("pointerleave", leave);
}

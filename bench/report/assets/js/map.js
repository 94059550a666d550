// The sites on a world map (Equal Earth), cut to where they are, each joined with its fastest others.

function worldMap(land, instance, width) {
  const { sites, links } = instance.topology;
  const [left, top, right, bottom] = frame(sites, width);
  const height = Math.round((width * (bottom - top)) / (right - left));
  const scale = (right - left) / width;
  const svg = s("svg", { class: "map", width, height, viewBox: `${left} ${top} ${right - left} ${bottom - top}`, role: "img" });
  svg.append(s("title", {}, `Sites of ${instance.name}`), s("path", { class: "land", d: land }));
  for (const [a, b] of links) {
    svg.append(s("line", { class: "link", x1: sites[a][2], y1: sites[a][3], x2: sites[b][2], y2: sites[b][3], "stroke-width": scale }));
  }
  const largest = Math.max(...sites.map((site) => site[1]));
  const taken = [];
  const order = sites.map((site, index) => [site, index]).sort((a, b) => b[0][1] - a[0][1]);
  for (const [[name, devices, x, y], index] of order) {
    const radius = scale * (4 + 6 * Math.sqrt(devices / largest));
    const dot = s("circle", { class: "site", cx: x, cy: y, r: radius, "stroke-width": 1.2 * scale, fill: siteColour(index) });
    dot.append(s("title", {}, `${name}: ${plural(devices, "device")}`));
    svg.append(dot);
    placeName(svg, taken, { name, x, y, radius, scale, right, top, bottom });
  }
  return svg;
}

// The sites' box with room around it, at least a sixth of the world wide, in a shape that suits the page.
function frame(sites, width) {
  const [xs, ys] = [2, 3].map((axis) => sites.map((site) => site[axis]));
  const centre = [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
  const shape = width < 520 ? 0.75 : 0.55;
  const spanX = Math.max(Math.max(...xs) - Math.min(...xs), 1300) * 1.35;
  const spanY = Math.max(Math.max(...ys) - Math.min(...ys), 700) * 1.5;
  const across = Math.max(spanX, spanY / shape);
  return [centre[0] - across / 2, centre[1] - (across * shape) / 2, centre[0] + across / 2, centre[1] + (across * shape) / 2];
}

// A name goes to the right of its dot, to the left, above or below: wherever no other name is. Else it stays a tooltip.
function placeName(svg, taken, { name, x, y, radius, scale, right, top, bottom }) {
  const [length, line] = [name.length * 6.3 * scale, 13 * scale];
  const gap = radius + 3 * scale;
  const spots = [
    ["start", x + gap, y + line / 3, x + gap],
    ["end", x - gap, y + line / 3, x - gap - length],
    ["middle", x, y - gap, x - length / 2],
    ["middle", x, y + gap + line * 0.7, x - length / 2],
  ];
  for (const [anchor, at, base, start] of spots) {
    const box = [start, base - line, start + length, base + 2 * scale];
    const free = taken.every((other) => box[0] > other[2] || box[2] < other[0] || box[1] > other[3] || box[3] < other[1]);
    if (!free || box[2] > right || box[1] < top || box[3] > bottom) continue;
    taken.push(box, [x - radius, y - radius, x + radius, y + radius]);
    svg.append(s("text", { class: "place", x: at, y: base, "text-anchor": anchor, "font-size": 11.5 * scale, "stroke-width": 3 * scale }, name));
    return;
  }
}

// The sites on a world map (Equal Earth), cut to where they are, each joined with its fastest others.

function worldMap(land, instance, width) {
  const { sites, links } = instance.topology;
  const [left, top, right, bottom] = frame(sites, width);
  const height = Math.round((width * (bottom - top)) / (right - left));
  const scale = (right - left) / width;
  const svg = s("svg", { class: "map", width, height, viewBox: `${left} ${top} ${right - left} ${bottom - top}`, role: "img" });
  svg.append(s("title", {}, `Sites of ${instance.name}`), s("path", { class: "land", d: land }));
  for (const [a, b] of links) for (const ends of shortWay(sites[a], sites[b])) svg.append(s("path", { class: "link", d: ends, "stroke-width": scale }));
  const largest = Math.max(...sites.map((site) => site[1]));
  const dots = sites.map(([name, devices, x, y], index) => ({ name, devices, x, y, index, radius: scale * (4 + 6 * Math.sqrt(devices / largest)) }));
  dots.sort((a, b) => b.devices - a.devices);
  for (const { name, devices, x, y, index, radius } of dots) {
    const dot = s("circle", { class: "site", cx: x, cy: y, r: radius, "stroke-width": 1.2 * scale, fill: siteColour(index) });
    dot.append(s("title", {}, `${name}: ${plural(devices, "device")}`));
    svg.append(dot);
  }
  const taken = dots.map(({ x, y, radius }) => [x - radius, y - radius, x + radius, y + radius]);
  for (const dot of dots) placeName(svg, taken, { ...dot, scale, frame: [left, top, right, bottom] });
  return svg;
}

// A link over the Pacific leaves the map on one side and comes in on the other.
const WORLD_WIDTH = 9744;

function shortWay([, , xa, ya], [, , xb, yb]) {
  if (Math.abs(xa - xb) <= WORLD_WIDTH / 2) return [`M${xa} ${ya}L${xb} ${yb}`];
  const round = xa < xb ? WORLD_WIDTH : -WORLD_WIDTH;
  return [`M${xa} ${ya}L${xb - round} ${yb}`, `M${xa + round} ${ya}L${xb} ${yb}`];
}

// The sites' box with room around it, at least a sixth of the world wide, in a shape that suits the page.
function frame(sites, width) {
  const [xs, ys] = [2, 3].map((axis) => sites.map((site) => site[axis]));
  const centre = [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
  const shape = width < 520 ? 0.7 : 0.42;
  const spanX = Math.max(Math.max(...xs) - Math.min(...xs), 1300) * 1.35;
  const spanY = Math.max(Math.max(...ys) - Math.min(...ys), 700) * 1.5;
  const across = Math.max(spanX, spanY / shape);
  return [centre[0] - across / 2, centre[1] - (across * shape) / 2, centre[0] + across / 2, centre[1] + (across * shape) / 2];
}

// A name goes to the right of its dot, to the left, above or below: wherever no other name is. Else it stays a tooltip.
function placeName(svg, taken, { name, x, y, radius, scale, frame: [left, top, right, bottom] }) {
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
    if (!free || box[0] < left || box[2] > right || box[1] < top || box[3] > bottom) continue;
    taken.push(box);
    svg.append(s("text", { class: "place", x: at, y: base, "text-anchor": anchor, "font-size": 11.5 * scale, "stroke-width": 3 * scale }, name));
    return;
  }
}

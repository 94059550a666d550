// Heat map of pair costs: one canvas pixel a cell, from dark blue (fast) to yellow (slow), after cividis.

const CIVIDIS = [
  [0, 34, 78], [18, 53, 112], [59, 73, 108], [87, 93, 109], [112, 113, 115],
  [138, 134, 120], [165, 156, 116], [195, 179, 105], [225, 204, 85], [254, 232, 56],
];

function heatMap(heat, sites, width) {
  const named = heat.unit === "site" && heat.n <= 24 ? Math.min(110, width * 0.28) : 0;
  const size = Math.min(width, 420) - named;
  const shades = Uint8Array.from(atob(heat.shades), (letter) => letter.charCodeAt(0));
  const pixels = new ImageData(heat.n, heat.n);
  shades.forEach((shade, index) => pixels.data.set(shade ? [...cividis((shade - 1) / 254), 255] : [128, 128, 128, 60], 4 * index));
  const image = h("canvas", { width: heat.n, height: heat.n, class: "heat", style: `width:${size}px;height:${size}px` });
  image.getContext("2d").putImageData(pixels, 0, 0);
  const said = h("p", { class: "said" }, "\u00a0");
  image.addEventListener("pointermove", (event) => {
    const [column, row] = [event.offsetX, event.offsetY].map((at) => Math.max(0, Math.min(heat.n - 1, Math.floor((at / size) * heat.n))));
    const shade = shades[row * heat.n + column];
    const value = heat.low_s * (heat.high_s / heat.low_s) ** ((shade - 1) / 254);
    const name = (index) => (heat.unit === "site" ? sites[index][0] : `#${index * heat.devices_per_cell}`);
    said.textContent = `${name(row)} – ${name(column)}: ${shade ? seconds(value) : "no link"}`;
  });
  const stops = CIVIDIS.map((rgb) => `rgb(${rgb})`).join(",");
  const key = h(
    "p",
    { class: "key" },
    h("span", {}, `fast ${seconds(heat.low_s)}`),
    h("span", { class: "ramp", style: `background:linear-gradient(90deg,${stops})` }),
    h("span", {}, `${seconds(heat.high_s)} slow`),
  );
  return h("div", {}, h("div", { class: "heat-rows" }, named ? rowNames(sites, named, size) : null, image), key, said);
}

function rowNames(sites, width, height) {
  const svg = s("svg", { width, height, "aria-hidden": "true" });
  sites.forEach(([name], row) => svg.append(label(name, { class: "tick", x: width - 6, y: ((row + 0.5) * height) / sites.length + 4, "text-anchor": "end" }, width)));
  return svg;
}

function cividis(share) {
  const at = share * (CIVIDIS.length - 1);
  const below = Math.min(CIVIDIS.length - 2, Math.floor(at));
  return CIVIDIS[below].map((low, channel) => Math.round(low + (at - below) * (CIVIDIS[below + 1][channel] - low)));
}

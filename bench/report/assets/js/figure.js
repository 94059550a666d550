// A figure: title, drawing, one sentence on how to read it, and its numbers as CSV. Drawn again when its width changes.

const figures = new Map();

function figure({ id, title, how, rows, draw, notes = [], wide = false }) {
  const plot = h("div", { class: "plot" });
  const save = h("button", { class: "quiet", type: "button", onclick: () => saveTable(id, rows), "aria-label": `CSV: ${title}` }, "CSV");
  const link = h("button", { class: "quiet", type: "button", onclick: (event) => copyLink(event.currentTarget, `figure-${id}`), "aria-label": `Link to: ${title}` }, "Link");
  const element = h(
    "figure",
    { id: `figure-${id}`, class: wide ? "wide" : null },
    h("header", {}, h("h3", {}, title), link, save),
    plot,
    h("figcaption", {}, how),
    notes.length ? h("ul", { class: "notes" }, notes.map((note) => h("li", {}, note))) : null,
  );
  const redraw = () => {
    if (plot.clientWidth) plot.replaceChildren(rows.length ? draw(plot.clientWidth) : h("p", { class: "none" }, "Nothing to show yet."));
  };
  figures.set(element, redraw);
  widths.observe(plot);
  plot.redraw = redraw;
  return element;
}

const widths = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    if (Math.round(contentRect.width) === target.drawnWidth) continue;
    target.drawnWidth = Math.round(contentRect.width);
    target.redraw();
  }
});

function redrawAll() {
  for (const [element, redraw] of figures) {
    if (element.isConnected) redraw();
    else figures.delete(element);
  }
}

function canvas(width, height, title) {
  return s("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title });
}

// Axes along the bottom and the left, with faint lines through the plot.
function axes(svg, { x, y, area, xFormat, yFormat, xTitle, yTitle }) {
  const [left, top, right, bottom] = area;
  for (const tick of y ? y.ticks : []) {
    svg.append(s("line", { class: "rule", x1: left, x2: right, y1: y(tick), y2: y(tick) }));
    svg.append(s("text", { class: "tick", x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, yFormat(tick)));
  }
  for (const tick of x.ticks) {
    svg.append(s("line", { class: "rule", x1: x(tick), x2: x(tick), y1: top, y2: bottom }));
    svg.append(s("text", { class: "tick", x: x(tick), y: bottom + 16, "text-anchor": "middle" }, xFormat(tick)));
  }
  const [xWords, yWords] = [named(xTitle, x), yTitle ? named(yTitle, y) : ""];
  svg.append(s("text", { class: "axis", x: right, y: bottom + 34, "text-anchor": "end" }, xWords));
  if (yTitle) svg.append(s("text", { class: "axis", x: 0, y: top - 12 }, yWords));
}

// An axis says what it shows, and whether its steps are equal.
function named(title, scale) {
  return scale.kind ? `${title} (${scale.kind})` : title;
}

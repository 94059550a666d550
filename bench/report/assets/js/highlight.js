// Six strategies at most stand out, each by a colour of Okabe and Ito, a dash and a place; the others stay grey.

const DASHES = ["", "7 3", "2 3", "9 3 2 3", "12 4", "4 2"];

const highlight = {
  names: [],
  own: [], // the reader's entrants, always among those that stand out
  usual(board, verdicts) {
    const opponents = [...new Set(verdicts.map((row) => row.against))];
    const order = board.map((row) => row.strategy);
    const wanted = [...this.own.filter((name) => order.includes(name)), ...order.slice(0, 4), ...opponents.filter((name) => order.includes(name))];
    return [...new Set(wanted)].slice(0, DASHES.length);
  },
  toggled(name) {
    if (this.names.includes(name)) return this.names.filter((other) => other !== name);
    return [...this.names, name].slice(-DASHES.length);
  },
  place(name) {
    return this.names.indexOf(name);
  },
  style(name) {
    const place = this.place(name);
    if (place < 0) return { stroke: "var(--other)", "stroke-width": 1, opacity: 0.55 };
    return { stroke: `var(--c${place})`, "stroke-width": 2.25, "stroke-dasharray": DASHES[place] || null };
  },
  colour(name) {
    const place = this.place(name);
    return place < 0 ? "var(--soft)" : `var(--c${place})`;
  },
};

function chips(names) {
  const chip = (name) => {
    const place = highlight.place(name);
    const sample = s("svg", { width: 22, height: 8, "aria-hidden": "true" }, s("line", { x1: 0, x2: 22, y1: 4, y2: 4, ...highlight.style(name) }));
    const press = () => choose({ show: highlight.toggled(name) });
    return h("button", { class: "chip", type: "button", "aria-pressed": String(place >= 0), onclick: press }, sample, name, highlight.own.includes(name) ? h("span", { class: "own" }, "yours") : null);
  };
  return h("div", { class: "chips", role: "group", "aria-label": "Strategies that stand out in the figures" }, names.map(chip));
}

// A table that sorts by any column and filters by words. A column is {key, title, cell?, style?, number?, hint?}.

function dataTable({ id, columns, rows, title = null, filter = false, placeholder = "Filter", sorted = null }) {
  const state = { key: sorted, down: false, words: "" };
  const body = h("tbody");
  const count = h("span", { class: "count", "aria-live": "polite" });
  const heads = columns.map((column) => {
    const press = () => {
      state.down = state.key === column.key ? !state.down : false;
      state.key = column.key;
      fill();
    };
    const button = h("button", { type: "button", onclick: press, title: column.hint ?? null }, column.title);
    return h("th", { scope: "col", class: column.number ? "number" : null, "data-key": column.key }, button);
  });
  const text = (row) => columns.map((column) => row[column.key]).join(" ").toLowerCase();
  const shown = () => {
    const words = state.words.toLowerCase().split(/\s+/).filter(Boolean);
    const kept = rows.filter((row) => words.every((word) => text(row).includes(word)));
    return state.key === null ? kept : [...kept].sort((a, b) => (state.down ? -1 : 1) * compared(a[state.key], b[state.key]));
  };
  const fill = () => {
    const kept = shown();
    body.replaceChildren(...kept.map((row) => h("tr", {}, columns.map((column) => cell(column, row)))));
    count.textContent = kept.length === rows.length ? "" : `${kept.length} of ${rows.length}`;
    heads.forEach((head, index) => {
      const current = columns[index].key === state.key;
      head.setAttribute("aria-sort", current ? (state.down ? "descending" : "ascending") : "none");
    });
  };
  const search = h("input", {
    type: "search",
    placeholder,
    "aria-label": placeholder,
    oninput: (event) => {
      state.words = event.target.value;
      fill();
    },
  });
  const save = h("button", { class: "quiet", type: "button", onclick: () => saveText(`${id}.csv`, csvOf(rows)) }, "CSV");
  fill();
  return h(
    "div",
    { class: "table", id: `table-${id}` },
    h("div", { class: "tools" }, title ? h("h3", {}, title) : null, filter ? search : null, count, h("span", { class: "space" }), save),
    h("div", { class: "scroll", tabindex: 0 }, h("table", {}, h("thead", {}, h("tr", {}, heads)), body)),
  );
}

function cell(column, row) {
  const content = column.cell ? column.cell(row) : (row[column.key] ?? NONE);
  const style = column.style ? column.style(row) : null;
  return h("td", { class: column.number ? "number" : null, style }, content);
}

function compared(a, b) {
  if (a === b) return 0;
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  return typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a < b ? -1 : 1;
}

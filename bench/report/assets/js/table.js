// A table that sorts by any column and filters by words, both kept in the address. A column is
// {key, title, cell?, style?, number?, hint?}.

const tables = new Map(); // what makes a table look as the address says, by its id

function restoreTables() {
  for (const [id, { element, restore }] of tables) {
    if (element.isConnected) restore();
    else tables.delete(id);
  }
}

function dataTable({ id, columns, rows, title = null, filter = false, placeholder = "Filter", sorted = null }) {
  const order = { key: sorted, down: false, words: "" };
  const place = `table-${id}`;
  const body = h("tbody");
  const count = h("span", { class: "count", "aria-live": "polite" });
  const heads = columns.map((column) => {
    const press = () => {
      const down = order.key === column.key ? !order.down : false;
      choose({ sort: withEntry("sort", id, `${down ? "down" : "up"}~${column.key}`), at: place });
    };
    const button = h("button", { type: "button", onclick: press, title: column.hint ?? null }, column.title);
    return h("th", { scope: "col", class: column.number ? "number" : null, "data-key": column.key }, button);
  });
  const text = (row) => columns.map((column) => row[column.key]).join(" ").toLowerCase();
  const shown = () => {
    const words = order.words.toLowerCase().split(/\s+/).filter(Boolean);
    const kept = rows.filter((row) => words.every((word) => text(row).includes(word)));
    return order.key === null ? kept : [...kept].sort((a, b) => (order.down ? -1 : 1) * compared(a[order.key], b[order.key]));
  };
  const fill = () => {
    const kept = shown();
    body.replaceChildren(...kept.map((row) => h("tr", {}, columns.map((column) => cell(column, row)))));
    count.textContent = kept.length === rows.length ? "" : `${kept.length} of ${rows.length}`;
    heads.forEach((head, index) => {
      const current = columns[index].key === order.key;
      head.setAttribute("aria-sort", current ? (order.down ? "descending" : "ascending") : "none");
    });
  };
  const search = h("input", {
    type: "search",
    placeholder,
    "aria-label": placeholder,
    oninput: (event) => choose({ filter: withEntry("filter", id, event.target.value), at: place }, { step: false }),
  });
  const save = h("button", { class: "quiet", type: "button", onclick: () => saveTable(id, rows), "aria-label": `CSV: ${title ?? id}` }, "CSV");
  const restore = () => {
    const [way, ...key] = (listed("sort", id) ?? "").split("~");
    const known = columns.some((column) => column.key === key.join("~"));
    const next = { key: known ? key.join("~") : sorted, down: known && way === "down", words: listed("filter", id) ?? "" };
    if (next.key === order.key && next.down === order.down && next.words === order.words && body.childElementCount) return;
    Object.assign(order, next);
    if (search.value !== order.words) search.value = order.words;
    fill();
  };
  restore();
  if (!body.childElementCount) fill();
  const element = h(
    "div",
    { class: "table", id: place },
    h("div", { class: "tools" }, title ? h("h3", {}, title) : null, filter ? search : null, count, h("span", { class: "space" }), save),
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": title ?? id }, h("table", {}, h("thead", {}, h("tr", {}, heads)), body)),
  );
  tables.set(id, { element, restore });
  return element;
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

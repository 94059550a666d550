// The data block: gzip in base64, inflated by the browser itself. Nothing is fetched.

async function readData() {
  const block = document.getElementById("data").textContent.trim();
  const bytes = Uint8Array.from(atob(block), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

// A table travels as columns; here it becomes rows, with infinities as numbers again.
function rowsOf(table) {
  const length = table.columns.length ? table.values[0].length : 0;
  return Array.from({ length }, (_, row) =>
    Object.fromEntries(table.columns.map((name, column) => [name, numberIfInfinite(table.values[column][row])])),
  );
}

function numberIfInfinite(value) {
  return value === "Infinity" ? Infinity : value === "-Infinity" ? -Infinity : value;
}

function groupBy(rows, key) {
  const groups = new Map();
  for (const row of rows) {
    if (!groups.has(row[key])) groups.set(row[key], []);
    groups.get(row[key]).push(row);
  }
  return groups;
}

function csvOf(rows, columns = rows.length ? Object.keys(rows[0]) : []) {
  const cell = (value) => {
    const plain = value === null || value === undefined ? "" : Array.isArray(value) ? value.join(" ") : String(value);
    // What a spreadsheet would take for a formula is text; numbers stay numbers.
    const text = typeof value !== "number" && /^[=+\-@\t\r]/.test(plain) ? `'${plain}` : plain;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns, ...rows.map((row) => columns.map((name) => row[name]))].map((line) => line.map(cell).join(",")).join("\n") + "\n";
}

// A file is named after the suite, the budget and the figure; the same stand in its first columns.
function saveTable(id, rows) {
  const { suite, budget, view } = page.sample;
  const about = { suite, budget, ...(view ? { view } : {}) };
  saveText(`${fileName(id)}.csv`, csvOf(rows.map((row) => ({ ...about, ...row }))));
}

function fileName(id) {
  const { suiteId, budget, view } = page.sample;
  return ["tasklet-bench", suiteId, budget, view, id].filter(Boolean).map((part) => part.replace(/[^A-Za-z0-9.+-]+/g, "-")).join("_");
}

function saveText(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// Numbers as people read them.

const NONE = "–";

function percent(share, signed = true) {
  if (share === null || Number.isNaN(share)) return NONE;
  if (!Number.isFinite(share)) return share > 0 ? "∞" : "−∞";
  const digits = Math.abs(share) < 0.1 ? 2 : Math.abs(share) < 1 ? 1 : 0;
  const text = Math.abs(100 * share).toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  if (!/[1-9]/.test(text)) return "0\u00a0%";
  return `${share < 0 ? "−" : signed ? "+" : ""}${text}\u00a0%`;
}

// For axes and heads of columns: 0.1 %, 1 %, 50 %.
function ticked(share) {
  return `${share < 0 ? "−" : ""}${significant(100 * Math.abs(share), 2)}\u00a0%`;
}

function seconds(value) {
  if (value === null || value === undefined) return NONE;
  if (!Number.isFinite(value)) return "∞";
  if (value === 0) return "0\u00a0s";
  if (value < 1e-3) return `${significant(value * 1e6)}\u00a0µs`;
  if (value < 1) return `${significant(value * 1e3)}\u00a0ms`;
  return `${significant(value)}\u00a0s`;
}

function significant(value, digits = 3) {
  if (value === null || value === undefined) return NONE;
  if (!Number.isFinite(value)) return "∞";
  const rounded = Number(value.toPrecision(digits));
  if (rounded !== 0 && (Math.abs(rounded) < 1e-3 || Math.abs(rounded) >= 1e6)) return rounded.toExponential();
  return rounded.toLocaleString("en", { maximumSignificantDigits: digits });
}

function fixed(value, digits = 2) {
  return value === null || value === undefined ? NONE : value.toFixed(digits);
}

function whole(value) {
  return value === null || value === undefined ? NONE : Math.round(value).toLocaleString("en");
}

function bytes(value) {
  if (value === null || value === undefined) return NONE;
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = value > 0 ? Math.min(units.length - 1, Math.floor(Math.log10(value) / 3)) : 0;
  return `${significant(value / 10 ** (3 * power))} ${units[power]}`;
}

function plural(count, noun) {
  return `${whole(count)} ${noun}${count === 1 ? "" : "s"}`;
}

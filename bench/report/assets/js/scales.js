// Scales: from data to pixels, with round ticks.

function linearScale([low, high], [start, end]) {
  const span = high - low || 1;
  const scale = (value) => start + ((value - low) / span) * (end - start);
  const step = niceStep(span / Math.max(3, Math.floor(Math.abs(end - start) / 80)));
  scale.ticks = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-6; tick += step) scale.ticks.push(Number(tick.toPrecision(12)));
  return scale;
}

function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough);
}

function logScale([low, high], [start, end]) {
  const [from, to] = [Math.log10(low), Math.log10(high > low ? high : low * 10)];
  const scale = (value) => start + ((Math.log10(Math.max(value, low)) - from) / (to - from)) * (end - start);
  const every = Math.max(1, Math.ceil((to - from) / Math.max(2, Math.abs(end - start) / 60)));
  scale.kind = "log";
  scale.ticks = [];
  for (let power = Math.ceil(from - 1e-9); power <= to + 1e-9; power += every) scale.ticks.push(10 ** power);
  return scale;
}

// Linear within ±threshold and logarithmic beyond, so that an excess of 0 and one of 500 % share an axis.
function excessScale([low, high], [start, end], threshold = 0.002) {
  const bent = (value) => Math.sign(value) * Math.log10(1 + Math.abs(value) / threshold);
  const [from, to] = [bent(low), bent(high)];
  const scale = (value) => start + ((bent(value) - from) / (to - from || 1)) * (end - start);
  scale.kind = "symmetric log";
  scale.ticks = roomy([0, 0.1, -0.1, 1, 0.01, -0.01, 10, -1, 100, 1000, 10000, 0.03, 0.3, 3, -0.03, -0.3, 0.003, -0.003].filter((tick) => tick >= low && tick <= high), scale);
  return scale;
}

// Ticks in order of preference, as many as stand apart.
function roomy(ticks, scale, apart = 46) {
  const kept = [];
  for (const tick of ticks) if (kept.every((other) => Math.abs(scale(tick) - scale(other)) >= apart)) kept.push(tick);
  return kept.sort((a, b) => a - b);
}

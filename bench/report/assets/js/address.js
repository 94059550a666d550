// What the reader has chosen stands in the address, behind the #: suite, budget, strategies that stand out, sorted and
// filtered tables, open panels, and where on the page. Every choice makes an address that can be mailed, and a step back.

const LISTS = ["show", "open", "sort", "filter"];
const KEYS = ["suite", "budget", "starts", "at", ...LISTS, "devices", "sites", "kinds", "seconds", "proof"];

let state = {};

// An address of the form #name, as in an older link, is a place on the page.
function readAddress() {
  const text = location.hash.slice(1);
  if (!text.includes("=")) return text ? { at: decoded(text) } : {};
  const given = new URLSearchParams(text);
  const result = {};
  for (const key of KEYS) {
    if (!given.has(key)) continue;
    result[key] = LISTS.includes(key) ? given.getAll(key).filter(Boolean) : given.get(key);
  }
  return result;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function addressOf(choices) {
  const text = new URLSearchParams();
  for (const key of KEYS) {
    const value = choices[key];
    if (value === undefined || value === null || value === "") continue;
    if (!LISTS.includes(key)) text.set(key, value);
    else if (value.length) value.forEach((one) => text.append(key, one));
    else if (key === "show") text.append(key, "");
  }
  return `#${text}`;
}

// Take a choice: write the address, as a new step of the history or in place of the last one, and show what it says.
function choose(changes, { step = true, scroll = false, shown = false } = {}) {
  const next = { ...state, at: null, ...changes };
  const address = addressOf(next);
  history.replaceState({ y: window.scrollY }, "");
  if (step && address !== location.hash) history.pushState(null, "", address);
  else history.replaceState({ y: window.scrollY }, "", address);
  state = next;
  if (!shown) showState({ scroll }); // unless the page shows it already
}

// An entry of a list such as sort or filter: the table, what is in it, joined by tildes.
function listed(key, id) {
  const entry = (state[key] ?? []).find((one) => one.startsWith(`${id}~`));
  return entry === undefined ? null : entry.slice(id.length + 1);
}

function withEntry(key, id, value) {
  const others = (state[key] ?? []).filter((one) => !one.startsWith(`${id}~`));
  return value ? [...others, `${id}~${value}`] : others;
}

function followAddress() {
  history.scrollRestoration = "manual";
  const arrive = () => {
    state = readAddress();
    showState({ scroll: true, y: history.state?.y });
  };
  window.addEventListener("popstate", arrive);
  window.addEventListener("pagehide", () => history.replaceState({ y: window.scrollY }, ""));
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    const elsewhere = link?.getAttribute("href").includes("="); // an address of another view: the browser follows it
    if (!link || elsewhere || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const id = decoded(link.getAttribute("href").slice(1));
    const panel = document.getElementById(id)?.closest("details[id]");
    choose({ at: id, ...(panel ? { open: [...new Set([...(state.open ?? []), panel.id])] } : {}) }, { scroll: true });
  });
  arrive();
}

// Go to a place once everything above it is drawn; figures take their height in the frame after they are shown.
function goTo(id, y) {
  const element = y === undefined || y === null ? document.getElementById(id) : null;
  const settle = () => {
    if (element) element.scrollIntoView({ block: "start", behavior: "instant" });
    else if (y !== undefined && y !== null) window.scrollTo({ top: y, behavior: "instant" });
  };
  settle();
  requestAnimationFrame(() => {
    settle();
    requestAnimationFrame(settle);
  });
}

async function copyLink(button, id) {
  const address = id ? location.href.split("#")[0] + addressOf({ ...state, at: id }) : location.href;
  const words = button.textContent;
  try {
    await navigator.clipboard.writeText(address);
  } catch {
    const text = h("textarea", { class: "hidden" }, address);
    document.body.append(text);
    text.select();
    document.execCommand("copy");
    text.remove();
  }
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = words), 1500);
}

// Elements in one call: h() makes HTML, s() makes SVG.

const SVG = "http://www.w3.org/2000/svg";

function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

function s(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

// Text that is cut to a width in SVG, the whole of it in a tooltip; what follows it is not cut.
function label(text, attributes, width, follows = "") {
  const letters = Math.max(3, Math.floor(width / 7.3));
  const shown = text.length > letters ? `${text.slice(0, letters - 1)}…` : text;
  return s("text", attributes, shown + follows, s("title", {}, text));
}

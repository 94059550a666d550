// Won, tied and lost instances as bars of one length; the counts stand in them.

function winBars({ width, rows, title }) {
  const rowHeight = 26;
  const nameWidth = Math.min(230, width * 0.3);
  const height = rows.length * rowHeight + 26;
  const svg = canvas(width, height, title);
  const span = width - nameWidth - 16;
  const heads = [["won", nameWidth + 12, "start"], ["tied", nameWidth + 12 + span / 2, "middle"], ["lost", width - 4, "end"]];
  for (const [text, x, anchor] of heads) svg.append(s("text", { class: "tick", x, y: 12, "text-anchor": anchor }, text));
  rows.forEach((row, index) => {
    const y = 22 + index * rowHeight;
    svg.append(label(row.strategy, { class: "name", x: nameWidth, y: y + 15, "text-anchor": "end", style: `fill:${highlight.colour(row.strategy)}` }, nameWidth));
    let x = nameWidth + 12;
    const total = row.wins + row.ties + row.losses;
    for (const kind of ["wins", "ties", "losses"]) {
      const length = (span * row[kind]) / total;
      if (!row[kind]) continue;
      svg.append(s("rect", { class: `share ${kind}`, x, y: y + 2, width: Math.max(0, length - 1), height: rowHeight - 6 }));
      if (length > 16) svg.append(s("text", { class: `count ${kind}`, x: x + length / 2, y: y + 16, "text-anchor": "middle" }, row[kind]));
      x += length;
    }
  });
  return svg;
}

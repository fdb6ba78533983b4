const LEFT = 150;
const CELL_WIDTH = 92;
const CELL_HEIGHT = 26;
const HEAD = 74;
const WORST_SHOWN = 5;

/** A table of ratios, 1 the best, coloured by value: an SVG that reads on light and on dark. */
export function heatmap(
  title: string,
  rows: readonly string[],
  columns: readonly string[],
  values: readonly (readonly number[])[],
): string {
  const width = LEFT + columns.length * CELL_WIDTH + 8;
  const height = HEAD + rows.length * CELL_HEIGHT + 8;
  const cells = rows.flatMap((_, row) =>
    columns.map((__, column) => cell(row, column, values[row]?.[column] ?? Number.NaN)),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    '<g font-family="system-ui, sans-serif" font-size="12" fill="#1c2330">',
    `<text x="8" y="20" font-weight="600">${title}</text>`,
    ...columns.map((name, column) => heading(name, LEFT + (column + 0.5) * CELL_WIDTH)),
    ...rows.map(
      (name, row) =>
        `<text x="${LEFT - 8}" y="${HEAD + row * CELL_HEIGHT + 17}" text-anchor="end">${name}</text>`,
    ),
    ...cells,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

/** In two lines, broken at the middle space. */
function heading(name: string, x: number): string {
  const words = name.split(" ");
  const half = Math.ceil(words.length / 2);
  return [words.slice(0, half).join(" "), words.slice(half).join(" ")]
    .map((line, at) => `<text x="${x}" y="${44 + at * 15}" text-anchor="middle">${line}</text>`)
    .join("");
}

function cell(row: number, column: number, value: number): string {
  const x = LEFT + column * CELL_WIDTH;
  const y = HEAD + row * CELL_HEIGHT;
  const badness = Math.min(1, Math.max(0, (value - 1) / (WORST_SHOWN - 1)));
  const fill = `hsl(${Math.round(130 - 130 * badness)} 60% 80%)`;
  const text = value >= 100 ? ">100" : value.toFixed(2);
  return (
    `<rect x="${x}" y="${y}" width="${CELL_WIDTH - 2}" height="${CELL_HEIGHT - 2}" fill="${fill}"/>` +
    `<text x="${x + CELL_WIDTH / 2}" y="${y + 17}" text-anchor="middle">${text}</text>`
  );
}

interface Bar {
  readonly name: string;
  readonly value: number;
  readonly peer: boolean;
}

interface Chart {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 720;
const LABEL = 130;
const FIGURE = 70;
const BAR = 18;
const ROW = 26;
const HEAD = 44;
const GAP = 24;

/** Horizontal bars, one chart below the other, as one SVG that reads on light and on dark. */
export function barCharts(charts: readonly Chart[]): string {
  const parts: string[] = [];
  let top = 0;
  for (const { title, bars } of charts) {
    parts.push(text(8, top + 26, title, 'font-weight="600"'));
    const greatest = Math.max(...bars.map(({ value }) => value), Number.EPSILON);
    for (const [index, bar] of bars.entries()) {
      const y = top + HEAD + index * ROW;
      const length = (bar.value / greatest) * (WIDTH - LABEL - FIGURE - 16);
      const fill = bar.peer ? "#8b95a5" : "#2f6fde";
      const size = `width="${length.toFixed(1)}" height="${BAR}"`;
      parts.push(
        text(LABEL, y + 14, bar.name, 'text-anchor="end"'),
        `<rect x="${LABEL + 8}" y="${y}" ${size} fill="${fill}"/>`,
        text(LABEL + 14 + Math.round(length), y + 14, String(Number(bar.value.toPrecision(3)))),
      );
    }
    top += HEAD + bars.length * ROW + GAP;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" role="img">`,
    `<rect width="${WIDTH}" height="${top}" fill="#ffffff"/>`,
    `<g font-family="system-ui, sans-serif" font-size="13" fill="#1c2330">`,
    ...parts,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${x}" y="${y}" ${attributes}>${content}</text>`;
}

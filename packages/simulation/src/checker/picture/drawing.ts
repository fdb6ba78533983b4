import type { Operation } from "../../history/operation.ts";
import { describeOperation } from "./describe-operation.ts";
import { escapeHtml } from "./escape-html.ts";
import { type Bar, lanesOf } from "./lanes.ts";

/** Pixels. */
const NARROWEST_COLUMN = 58;
const WIDEST_COLUMN = 130;
/** To which a picture of few operations is spread. */
const PAGE = 900;
const LANE = 46;
const BAR = 30;
const TOP = 12;
const CHARACTER = 7.3;
const BADGE = 9;
const PADDING = 10;
/** Beyond the last column, so that bars without a return show it. */
const OPEN_END = 70;

/** What is told about an operation by colour and mark. */
export interface Marks {
  /** The place, from 1, of each operation of the longest order. */
  readonly places: ReadonlyMap<Operation, number>;
  readonly unplaced: Operation;
}

/** An SVG element: a lane a client, a bar an operation, its full text where the pointer rests. */
export function drawing(operations: readonly Operation[], marks: Marks): string {
  const { bars, clients, columns } = lanesOf(operations);
  const longestName = Math.max(...clients.map((client) => client.length));
  const left = Math.ceil(longestName * CHARACTER) + 2 * PADDING;
  const column = Math.min(WIDEST_COLUMN, Math.max(NARROWEST_COLUMN, Math.floor(PAGE / columns)));
  const width = left + columns * column + OPEN_END;
  const height = TOP + clients.length * LANE;
  const names = clients.map((client, lane) => {
    if (clients[lane - 1] === client) return "";
    const y = TOP + lane * LANE + BAR / 2;
    const line = lane > 0 ? `<path class="lane" d="M0 ${y - LANE / 2}H${width}"/>` : "";
    return `${line}<text class="client" x="${PADDING}" y="${y}">${escapeHtml(client)}</text>`;
  });
  const drawn = bars.map((bar) => drawBar(bar, { left, column, edge: width }, marks));
  return `<svg role="img" aria-label="Operations by client over time"
width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
${[...names, ...drawn].join("\n")}
</svg>`;
}

/** Pixels: where the columns begin, how wide each is, and where the picture ends. */
interface Scale {
  readonly left: number;
  readonly column: number;
  readonly edge: number;
}

function drawBar({ operation, lane, from, to }: Bar, scale: Scale, marks: Marks): string {
  const place = marks.places.get(operation);
  const isUnplaced = operation === marks.unplaced;
  const { left, column, edge } = scale;
  const x = left + from * column;
  const y = TOP + lane * LANE;
  const width = to === null ? edge - x : Math.max(column / 2, (to - from) * column);
  const badge = isUnplaced ? "✗" : place === undefined ? "" : String(place);
  const textFrom = PADDING + (badge === "" ? 0 : 2 * BADGE + PADDING / 2);
  const text = describeOperation(operation);
  const kind = isUnplaced ? "unplaced" : place === undefined ? "other" : "placed";
  const open = to === null ? " open" : "";
  const label = fitted(text, width - textFrom - PADDING / 2);
  const circle = `<circle cx="${x + PADDING + BADGE}" cy="${y + BAR / 2}" r="${BADGE}"/>
<text class="badge" x="${x + PADDING + BADGE}" y="${y + BAR / 2}">${badge}</text>`;
  const full = hover(operation, text, place, isUnplaced);
  return `<g class="${kind}${open}"><title>${escapeHtml(full)}</title>
<rect x="${x}" y="${y}" width="${width}" height="${BAR}" rx="5"/>
${badge === "" ? "" : circle}
<text x="${x + textFrom}" y="${y + BAR / 2}">${escapeHtml(label)}</text></g>`;
}

function hover(
  operation: Operation,
  text: string,
  place: number | undefined,
  isUnplaced: boolean,
): string {
  const { client, input, call, return: returned } = operation;
  const time =
    returned === null ? `called at ${call}, never returned` : `from ${call} to ${returned}`;
  const placing = place === undefined ? "not in the longest order" : `place ${place} in the order`;
  const lines = [`${client}: ${text}`, `key ${JSON.stringify(input.key)}, ${time}`];
  return [...lines, isUnplaced ? "no order has a place for this" : placing].join("\n");
}

function fitted(text: string, width: number): string {
  const characters = Math.floor(width / CHARACTER);
  if (text.length <= characters) return text;
  return characters < 3 ? "" : `${text.slice(0, characters - 1)}…`;
}

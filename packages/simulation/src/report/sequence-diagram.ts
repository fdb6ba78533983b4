import type { TraceEvent } from "../trace/trace.ts";

const TIME_WIDTH = 11;
const LANE_WIDTH = 22;

/**
 * The last events of all nodes, a lane each, as text: time goes down, a message that arrived is an
 * arrow from its sender's lane, anything else a word in its own.
 */
export function sequenceDiagram(
  events: readonly TraceEvent[],
  lanes: readonly string[],
  last: number = 60,
): string {
  const isShown = ({ node, kind }: TraceEvent): boolean =>
    lanes.includes(node) && !(kind.startsWith("send") || kind === "sync");
  const lines = events
    .filter(isShown)
    .slice(-last)
    .map((event) => line(event, lanes));
  const heads = lanes.map((lane) => lane.padEnd(LANE_WIDTH)).join("");
  return [`${"ms".padStart(TIME_WIDTH)}  ${heads.trimEnd()}`, ...lines].join("\n");
}

function line(event: TraceEvent, lanes: readonly string[]): string {
  const time = event.atMs.toFixed(3).padStart(TIME_WIDTH);
  const at = lanes.indexOf(event.node);
  const from = event.kind.startsWith("receive") ? lanes.indexOf(event.detail) : -1;
  const body = from < 0 || from === at ? word(event, at) : arrow(event, from, at);
  return `${time}  ${body}`.trimEnd();
}

function word({ kind, detail, a }: TraceEvent, lane: number): string {
  const name = detail.includes("/") ? detail.slice(detail.lastIndexOf("/") + 1) : detail;
  const words = [kind, name, kind.includes("write") ? `@${a}` : ""].filter(Boolean).join(" ");
  return `${" ".repeat(lane * LANE_WIDTH)}* ${words}`;
}

function arrow({ kind, a }: TraceEvent, from: number, to: number): string {
  const label = ` ${kind.replace(/^receive ?/, "") || "message"} ${a} B `;
  const left = Math.min(from, to);
  const length = Math.abs(from - to) * LANE_WIDTH - 1;
  const shaft = label.padStart(Math.floor((length - 1 + label.length) / 2), "-");
  const drawn = shaft.slice(0, length - 1).padEnd(length - 1, "-");
  return " ".repeat(left * LANE_WIDTH) + (from < to ? `o${drawn}>` : `<${drawn}o`);
}

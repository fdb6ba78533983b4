import pc from "picocolors";
import type { NodeStatus } from "../cluster/cluster-status.ts";
import { invitation } from "./invitation.ts";
import type { ViewState } from "./view-state.ts";

const WIDTH = 80;
const HEADINGS = ["node", "role", "term", "committed", "applied", "restarts", "pid"];
const WIDTHS = [6, 10, 7, 12, 12, 10, 9];

/** The live view: at most 24 lines of 80 columns, for up to seven nodes. */
export function screen(state: ViewState): string {
  return [
    pc.bold("Quorate") + pc.dim(`  data in ${shortened(state.dataDirectory, 48)}; Ctrl-C ends it`),
    "",
    pc.dim(columns(HEADINGS)),
    ...state.status.nodes.map(nodeLine),
    "",
    leaderLine(state),
    trafficLine(state),
    workloadLine(state),
    ...outageLines(state),
    "",
    ...invitation(state.url, state.exampleId),
  ].join("\n");
}

function nodeLine({ id, state, restarts, pid, reason, report }: NodeStatus): string {
  if (!report) {
    const text = `${columns([id, state])} ${reason}`.slice(0, WIDTH);
    return pc.red(text);
  }
  const { role, term, commitIndex, appliedIndex } = report.raft;
  const numbers = [commitIndex, appliedIndex, restarts].map((value) => value.toLocaleString("en"));
  const line = columns([id, role, String(term), ...numbers, String(pid)]);
  return role === "leader" ? pc.green(line) : line;
}

function leaderLine({ status: { leader, term } }: ViewState): string {
  if (leader !== undefined) return `leader    ${pc.bold(leader)}, in term ${term}`;
  return `leader    ${pc.red("none")}: the nodes are electing one, later than term ${term}`;
}

function trafficLine({
  traffic: { perSecond, p50Ms, p99Ms, answered, failures },
}: ViewState): string {
  const rate = `${perSecond.toFixed(0)} requests/s`;
  const latency = `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;
  const failed = failures > 0 ? pc.yellow(`${failures} in error`) : "none in error";
  return `gateway   ${rate}, ${latency}; ${answered.toLocaleString("en")} answered, ${failed}`;
}

function workloadLine({ workload }: ViewState): string {
  if (!workload) return "workload  none";
  const { acknowledged, rejected, unknown, failed, held } = workload;
  const parts = [`${acknowledged.toLocaleString("en")} orders acknowledged`];
  if (rejected > 0) parts.push(`${rejected} rejected`);
  if (unknown > 0) parts.push(`${unknown} unknown`);
  if (failed > 0) parts.push(pc.red(`${failed} failed`));
  if (held > 0) parts.push(`${held} held back`);
  return `workload  ${parts.join(", ")}`;
}

/** What it means that nodes are down. */
function outageLines({ status: { nodes } }: ViewState): string[] {
  const down = nodes.filter(({ state }) => state === "down").map(({ id }) => id);
  if (down.length === 0) return [];
  const quorum = Math.floor(nodes.length / 2) + 1;
  const up = nodes.length - down.length;
  const names = `${down.join(", ")} ${down.length === 1 ? "is" : "are"} down`;
  return [
    up >= quorum
      ? pc.yellow(`${names}: ${up} of ${nodes.length} are still a majority, so orders go on`)
      : pc.red(`${names}: ${up} of ${nodes.length} are no majority, so no order can be placed`),
  ];
}

function columns(cells: readonly string[]): string {
  return cells
    .map((cell, at) => cell.padEnd(WIDTHS[at] ?? 0))
    .join("")
    .trimEnd();
}

function shortened(path: string, length: number): string {
  return path.length <= length ? path : `…${path.slice(1 - length)}`;
}

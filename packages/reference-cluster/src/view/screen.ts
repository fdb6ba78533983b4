import pc from "picocolors";
import type { NodeStatus } from "../cluster/cluster-status.ts";
import { invitation } from "./invitation.ts";
import { servicesInWords } from "./service-table.ts";
import { leadersInWords, spreadInWords } from "./shards-in-words.ts";
import type { ViewState } from "./view-state.ts";

const WIDTH = 80;
const HEADINGS = ["node", "leads", "committed", "applied", "restarts", "pid"];
const WIDTHS = [6, 11, 16, 16, 10, 9];

/** The live view: at most 24 lines of 80 columns, for up to seven nodes. */
export function screen(state: ViewState): string {
  return [
    pc.bold("Quorate") + pc.dim(`  data in ${shortened(state.dataDirectory, 46)}; Ctrl-C ends it`),
    "",
    pc.dim(columns(HEADINGS)),
    ...state.status.nodes.map(nodeLine),
    "",
    leadersLine(state),
    ringLine(state),
    servicesLine(state),
    trafficLine(state),
    workloadLine(state),
    healthLine(state),
    "",
    ...invitation(state.url, state.exampleId),
  ].join("\n");
}

function nodeLine({ id, state, restarts, pid, reason, report }: NodeStatus): string {
  if (!report) {
    const place = id.padEnd(WIDTHS[0]!) + state.padEnd(WIDTHS[1]!);
    return pc.red(`${place}${reason ?? ""}`.slice(0, WIDTH));
  }
  const logs = report.shards.map(({ log }) => log);
  const led = logs.filter(({ role }) => role === "leader").length;
  const committed = logs.reduce((sum, { commitIndex }) => sum + commitIndex, 0);
  const applied = logs.reduce((sum, { appliedIndex }) => sum + appliedIndex, 0);
  const numbers = [committed, applied, restarts].map((value) => value.toLocaleString("en"));
  const line = columns([id, `${led} of ${logs.length}`, ...numbers, String(pid)]);
  return led > 0 ? pc.green(line) : line;
}

function leadersLine({ status: { leader, shards } }: ViewState): string {
  const words = leadersInWords(shards);
  return `shards    ${shards.length}: ${leader === undefined ? pc.red(words) : words}`;
}

function ringLine({ status: { shards } }: ViewState): string {
  const hashes = spreadInWords(shards.map(({ shareOfRing }) => shareOfRing));
  const orders = spreadInWords(shards.map(({ shareOfOrders }) => shareOfOrders));
  return `ring      each has ${hashes} of it, ${orders} of the orders`;
}

function servicesLine({ status: { services } }: ViewState): string {
  const words = servicesInWords(services);
  const areHealthy = services.every(({ state }) => state === "healthy");
  return `services  ${areHealthy ? words : pc.yellow(words)}`;
}

function trafficLine({
  traffic: { perSecond, p50Ms, p99Ms, answered, failures },
}: ViewState): string {
  const rate = `${perSecond.toFixed(0)}/s`;
  const latency = `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;
  const failed = failures > 0 ? pc.yellow(`${failures} in error`) : "none in error";
  return `requests  ${rate}, ${latency}; ${answered.toLocaleString("en")} answered, ${failed}`;
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

/** What it means that nodes are up or down. Always one line, so that the ones below stay in place. */
function healthLine({ status: { nodes } }: ViewState): string {
  const down = nodes.filter(({ state }) => state === "down").map(({ id }) => id);
  const quorum = Math.floor(nodes.length / 2) + 1;
  if (down.length === 0) {
    return `health    all nodes are up; any ${nodes.length - quorum} may die, and orders go on`;
  }
  const up = nodes.length - down.length;
  const names = `health    ${down.join(", ")} down`;
  return up >= quorum
    ? pc.yellow(`${names}: ${up} of ${nodes.length} are still a majority, so orders go on`)
    : pc.red(`${names}: ${up} of ${nodes.length} are no majority, so no order is placed`);
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

import Table from "cli-table3";
import type colorsOfTerminal from "picocolors";
import type { Machine } from "./machine.ts";
import type { Row } from "./measured.ts";

type Colors = ReturnType<typeof colorsOfTerminal.createColors>;

/** All that one call of the command found; `--json` prints it as it is. */
export interface Report {
  readonly package: string;
  readonly machine: Machine;
  readonly rows: readonly Row[];
}

/** The report as a table for people. */
export function table(report: Report, colors: Colors): string {
  const { cpu, cores, node, fdatasyncMs, loopbackRttMs } = report.machine;
  const heads = ["case", "ours", "p50 / p99 ms", "peers", "ours ÷ peer", "limit", "goal", "met"];
  const lines = new Table({ head: heads.map(colors.bold), style: { head: [], border: [] } });
  for (const row of report.rows) lines.push(cells(row, colors));
  const machine =
    `${cpu}, ${cores} cores, Node ${node}, ` +
    `fdatasync ${fdatasyncMs} ms, loopback round trip ${loopbackRttMs} ms`;
  return `${colors.bold(`@quorate/${report.package}`)}\n${lines.toString()}\n${colors.dim(machine)}`;
}

function cells(row: Row, colors: Colors): string[] {
  const peers = Object.entries(row.peers);
  return [
    row.case,
    colors.bold(`${figure(row.value)} ${row.unit}`),
    row.p50Ms === undefined ? "" : `${figure(row.p50Ms)} / ${figure(row.p99Ms)}`,
    peers.map(([name, value]) => `${name}: ${figure(value)}`).join("\n"),
    peers.map(([, value]) => `× ${figure(row.value / value)}`).join("\n"),
    figure(row.limit),
    figure(row.goal),
    row.met === undefined ? "" : row.met ? colors.green("yes") : colors.red("no"),
  ];
}

/** Three significant digits, thousands grouped; a dash where nothing was measured. */
export function figure(value: number | undefined): string {
  if (value === undefined) return "–";
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(3)));
}

import pc from "picocolors";
import type { ServiceStatus } from "../cluster/service-status.ts";
import { percent } from "./shards-in-words.ts";
import { grouped, tableOf } from "./tables.ts";

const COUNTS = ["picks", "failures", "retries", "ejections"] as const;

/** The order services: what each got, how it did, and where the time went. */
export function serviceTable(services: readonly ServiceStatus[]): string {
  const counts = ["picks", "share %", "failures", "retries", "ejections"];
  const times = ["queue", "process", "transmit", "p99 ms"];
  const table = tableOf(["service", "state", ...counts, ...times, "restarts", "pid"]);
  for (const service of services) {
    const { id, state, share, latency, restarts, pid } = service;
    const shown = state === "healthy" ? pc.green(state) : pc.red(state);
    const [picks, ...others] = COUNTS.map((field) => grouped(service[field]));
    const { queueMs, processingMs, transmissionMs, p99Ms } = latency;
    const ms = [queueMs, processingMs, transmissionMs, p99Ms].map((value) => value.toFixed(2));
    const process = [grouped(restarts), String(pid ?? "")];
    table.push([id, shown, picks!, percent(share), ...others, ...ms, ...process]);
  }
  const [picks, ...others] = COUNTS.map((field) => grouped(sumOf(services, field)));
  table.push(["all", "", picks!, "", ...others, "", "", "", "", "", ""]);
  const why = "queue, process and transmit are means in ms; together they are the latency";
  return `${table.toString()}\n${pc.dim(why)}`;
}

/** In a line: "3: all healthy; 12 retries, 1 ejection". */
export function servicesInWords(services: readonly ServiceStatus[]): string {
  const away = services.filter(({ state }) => state !== "healthy");
  const [first, second] = away;
  const more = second ? ` and ${away.length - 1} more` : "";
  const states = first ? `${first.id} ${first.state}${more}` : "all healthy";
  const retries = counted(sumOf(services, "retries"), "retry", "retries");
  const ejections = counted(sumOf(services, "ejections"), "ejection", "ejections");
  return `${services.length}: ${states}; ${retries}, ${ejections}`;
}

function counted(value: number, one: string, many: string): string {
  return `${grouped(value)} ${value === 1 ? one : many}`;
}

function sumOf(services: readonly ServiceStatus[], field: (typeof COUNTS)[number]): number {
  return services.reduce((sum, service) => sum + service[field], 0);
}

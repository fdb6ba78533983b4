import pc from "picocolors";
import type { DistrictDelay, DistrictMinute } from "../live/live-report.ts";
import type { LiveProcess, LiveStatus } from "../live/live-status.ts";
import { grouped, tableOf } from "./tables.ts";

/** So many fit beside the totals. */
const SHOWN_MINUTES = 3;

/** What `quorate live` shows: the districts, by the minute, and what is ordered most. */
export function liveTables(status: LiveStatus): string {
  const { districts, minutes, courierDelays, topDishes } = status;
  if (districts.length === 0) return [summary(status), ...trouble(status.process)].join("\n");
  const starts = [...new Set(minutes.map(({ start }) => start))].slice(-SHOWN_MINUTES);
  const head = ["district", "orders", "revenue", ...starts.map(clockTime), "courier after"];
  const table = tableOf(head);
  for (const { district, orders, revenueCents } of districts) {
    const cells = starts.map((start) => minuteInWords(minutes, start, district));
    const delay = delayInWords(courierDelays.filter((one) => one.district === district));
    table.push([district, grouped(orders), money(revenueCents), ...cells, delay]);
  }
  const dishes = topDishes.map(({ dish, quantity }) => `${dish} ${grouped(quantity)}`).join(", ");
  const lines = [pc.bold(summary(status)), table.toString(), `top dishes of 5 minutes: ${dishes}`];
  return [...lines, ...trouble(status.process)].join("\n");
}

/** The same where there is no terminal: a line. */
export function liveLine(status: LiveStatus): string {
  const { minutes } = status;
  const start = minutes.at(-1)?.start;
  const now = minutes
    .filter((minute) => minute.start === start)
    .map(({ district, orders }) => `${district} ${grouped(orders)}`);
  const newest = start === undefined ? [] : [`at ${clockTime(start)} ${now.join(", ")}`];
  return [summary(status), ...newest, ...trouble(status.process)].join("; ");
}

function summary({ orders, revenueCents, late }: LiveStatus): string {
  const counted = `${grouped(orders)} orders, ${money(revenueCents)} in revenue`;
  return late === 0 ? counted : `${counted}, ${grouped(late)} too late for their minute`;
}

function minuteInWords(minutes: readonly DistrictMinute[], start: string, of: string): string {
  const found = minutes.find((minute) => minute.start === start && minute.district === of);
  return found ? `${grouped(found.orders)} · ${money(found.revenueCents)}` : "";
}

function delayInWords(delays: readonly DistrictDelay[]): string {
  const couriers = delays.reduce((sum, delay) => sum + delay.couriers, 0);
  if (couriers === 0) return "";
  const total = delays.reduce((sum, delay) => sum + delay.meanMs * delay.couriers, 0);
  const max = Math.max(...delays.map(({ maxMs }) => maxMs));
  return `${seconds(total / couriers)}, max ${seconds(max)}`;
}

function trouble({ state, reason }: LiveProcess): readonly string[] {
  if (state === "up") return [];
  return [pc.red(`the counting process is down: ${reason ?? "it is starting"}`)];
}

function clockTime(start: string): string {
  return start.slice("2026-11-22T".length, "2026-11-22T12:00".length);
}

function money(cents: number): string {
  return (cents / 100).toLocaleString("en", { minimumFractionDigits: 2 });
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}

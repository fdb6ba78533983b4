import type { LockStatus } from "../coordination/cluster-locks.ts";
import { grouped, tableOf } from "./tables.ts";

/** The locks that are held or waited for: by whom, under which fencing token. */
export function lockTable(locks: readonly LockStatus[]): string {
  if (locks.length === 0) return "no lock is held";
  const table = tableOf(["lock", "holder", "token", "waiting"]);
  for (const { name, holders, waiting } of locks) {
    const names = holders.map(({ holder }) => holder).join(", ");
    const tokens = holders.map(({ token }) => token).join(", ");
    table.push([name, names, tokens, grouped(waiting)]);
  }
  return table.toString();
}

import type { Endpoint } from "../endpoint.ts";
import type { PickContext } from "../pick.ts";
import type { Fleet } from "./fleet.ts";
import type { Lanes } from "./lanes.ts";

/** More would hardly find what four have not, and policies need not know what is avoided. */
const REDRAWS = 4;

/**
 * A slot that is not in `exclude`: `drawn` itself, or what the policy draws in a few more tries, else
 * the least busy one; `drawn` when there is no other.
 */
export function avoiding(
  exclude: ReadonlySet<string>,
  drawn: number,
  lanes: Lanes,
  fleet: Fleet,
  nowMs: number,
  context: PickContext,
): number {
  const isExcluded = (slot: number): boolean => exclude.has((fleet.endpoints[slot] as Endpoint).id);
  const busyness = (slot: number): number =>
    ((fleet.inFlight[slot] as number) + 1) / (fleet.weight[slot] as number);
  let slot = drawn;
  for (let redraw = 0; redraw < REDRAWS; redraw++) {
    if (!isExcluded(slot)) return slot;
    slot = lanes.choose().pick(nowMs, context);
  }
  let best = -1;
  for (const at of lanes.slots()) {
    if (isExcluded(at)) continue;
    if (best < 0 || busyness(at) < busyness(best)) best = at;
  }
  return best < 0 ? drawn : best;
}

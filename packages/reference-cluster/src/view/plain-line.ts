import { leadersInWords } from "./shards-in-words.ts";
import type { ViewState } from "./view-state.ts";

/** The live view where there is no terminal: a line now and then. */
export function plainLine({ status, traffic }: ViewState): string {
  const { shards, nodes, services } = status;
  const healthy = services.filter(({ state }) => state === "healthy").length;
  const up = nodes.filter(({ state }) => state === "up").length;
  const committed = shards.reduce((sum, { commitIndex }) => sum + commitIndex, 0);
  const { perSecond, p50Ms, p99Ms } = traffic;
  return (
    `${up} of ${nodes.length} nodes up, of ${shards.length} shards ${leadersInWords(shards)}, ` +
    `${healthy} of ${services.length} services healthy, committed ${committed}; ` +
    `${perSecond.toFixed(0)} requests/s, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`
  );
}

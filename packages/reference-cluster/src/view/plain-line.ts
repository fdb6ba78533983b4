import type { ViewState } from "./view-state.ts";

/** The live view where there is no terminal: a line now and then. */
export function plainLine({ status, traffic }: ViewState): string {
  const { leader, term, nodes } = status;
  const up = nodes.filter(({ state }) => state === "up").length;
  const committed = Math.max(0, ...nodes.map(({ report }) => report?.raft.commitIndex ?? 0));
  const lead = leader === undefined ? "nobody leads" : `${leader} leads in term ${term}`;
  const { perSecond, p50Ms, p99Ms } = traffic;
  return (
    `${up} of ${nodes.length} nodes up, ${lead}, committed ${committed}; ` +
    `${perSecond.toFixed(0)} requests/s, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`
  );
}

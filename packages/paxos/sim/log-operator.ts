import type { SwarmContext } from "@quorate/simulation";
import type { WatchedLedger } from "../../raft/sim/ledger-oracle.ts";
import type { LedgerNode } from "../../raft/sim/ledger-run.ts";
import type { PaxosLogNode } from "../src/log/index.ts";

/** What runs on each node. */
export type PaxosLedger = LedgerNode<PaxosLogNode<WatchedLedger>>;

const LOOK_EVERY_MS = 1_000;

/** Somebody who looks after a cluster: nodes that lost their data are added anew. */
export async function takeBackTheWiped(context: SwarmContext<PaxosLedger>): Promise<never> {
  for (;;) {
    await context.world.sleep(LOOK_EVERY_MS);
    const leader = context
      .running()
      .find(({ instance }) => instance!.log.status().role === "leader")?.instance;
    const { followers = {}, voters = [] } = leader?.log.status() ?? {};
    const wiped = Object.entries(followers).find(
      ([id, { active, isVoter }]) => active && !isVoter && voters.includes(id),
    );
    if (!leader || !wiped) continue;
    const outcome = await answered(context, leader.log.reconfigure({ add: wiped[0] }));
    if (outcome?.kind === "committed") context.cover("wiped nodes taken back");
  }
}

/** A node that crashed answers never; undefined then. */
export function answered<R>(
  context: SwarmContext<PaxosLedger>,
  answer: Promise<R>,
): Promise<R | undefined> {
  return Promise.race([answer, context.world.sleep(6_000).then(() => undefined)]);
}

import { addressesFrom } from "../node/node-addresses.ts";
import { startRanker } from "../ranking/ranker.ts";
import { liveAsChild } from "./child-process.ts";

/** What commander makes of the options of `quorate ranker`. */
export interface RankerArguments {
  readonly id: string;
  readonly cluster: string;
  readonly data: string;
  readonly peers: readonly string[];
}

/** `quorate ranker`: one worker, until whoever started it disconnects or ends. */
export async function runRanker(options: RankerArguments): Promise<void> {
  const { id: workerId, cluster: clusterId, data: folder, peers } = options;
  await liveAsChild(
    () => startRanker({ workerId, clusterId, folder, peers: addressesFrom(peers) }),
    async (ranker) => ranker.stop(),
  );
}

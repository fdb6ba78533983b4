import { fromArguments, type NodeArguments } from "../node/node-options.ts";
import { startNode } from "../node/start-node.ts";
import { die, liveAsChild } from "./child-process.ts";

/** `quorate node`: one node, until whoever started it disconnects or ends. */
export async function runNode(options: NodeArguments): Promise<void> {
  await liveAsChild(
    async () => {
      const node = await startNode(fromArguments(options));
      node.onFailure(die);
      return node;
    },
    (node) => node.stop(),
  );
}

import { fromArguments, type NodeArguments } from "../node/node-options.ts";
import type { NodeMessage } from "../node/node-message.ts";
import { startNode } from "../node/start-node.ts";

const EXIT_FAILED = 1;

/** `quorate node`: one node, until whoever started it disconnects or ends. */
export async function runNode(options: NodeArguments): Promise<void> {
  process.on("uncaughtException", die);
  // Ctrl-C reaches all processes of a terminal; the one that started this node decides what it means.
  process.on("SIGINT", () => {});
  // Without whoever started it no node goes on: none stays behind, however its parent ended.
  const orphaned = new Promise((resolve) => process.once("disconnect", resolve));
  if (process.send && !process.connected) die(new Error("the process that started it is gone"));
  const told = new Promise((resolve) => process.once("SIGTERM", resolve));
  const node = await startNode(fromArguments(options)).catch(die);
  node.onFailure(die);
  process.send?.("ready" satisfies NodeMessage);
  await Promise.race([orphaned, told]);
  await node.stop();
  process.exit(0);
}

/** The message comes last: that line is what the one that started this node shows. */
function die(error: Error): never {
  process.stderr.write(`${error.stack}\n${error.message}\n`);
  process.exit(EXIT_FAILED);
}

import { once } from "node:events";
import { createServer } from "node:net";
import { integerBetween, systemRandom } from "@quorate/runtime";
import { ClusterError } from "../cluster-error.ts";

/**
 * Below the ports that systems give to outgoing connections (Linux: from 32,768): one of those could
 * be taken while a node is away, even by a peer that dials it (docs/decisions/0043).
 */
const [FIRST, LAST] = [20_000, 31_999];
const MAX_ATTEMPTS = 1_000;

/**
 * Ports of 127.0.0.1 that are free at this moment, all different. Each node keeps its port for the
 * life of the cluster: its peers know it by that.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let attempt = 0; ports.size < count; attempt++) {
    if (attempt === MAX_ATTEMPTS) {
      throw new ClusterError("not-ready", `no free ports from ${FIRST} to ${LAST}`);
    }
    const port = integerBetween(systemRandom, FIRST, LAST);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
  } catch {
    return false;
  }
  await once(server.close(), "close");
  return true;
}

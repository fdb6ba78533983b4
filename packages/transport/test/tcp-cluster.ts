import type { TransportClusterFactory } from "../src/compliance/index.ts";
import { nextPeerEvent } from "../src/compliance/events.ts";
import { createTcpTransport, type TcpTransport, type TlsOptions } from "../src/tcp/index.ts";

/** Nodes that all listen and all dial each other, so that each pair dials at once. */
export function tcpCluster(
  tls: ReadonlyMap<string, TlsOptions> = new Map(),
): TransportClusterFactory {
  return (limits) => {
    const nodes = new Map<string, TcpTransport>();
    const started = new Map<string, TcpTransport>();
    return {
      create(nodeId) {
        const own = tls.get(nodeId);
        const node = createTcpTransport({
          ...limits,
          nodeId,
          clusterId: "compliance",
          listen: { port: 0 },
          reconnectBackoffMs: { min: 1, max: 10 },
          ...(own && { tls: own }),
        });
        nodes.set(nodeId, node);
        return node;
      },
      async add(transport) {
        const node = nodes.get(transport.nodeId) as TcpTransport;
        started.delete(node.nodeId);
        await node.start();
        const others = [...started.values()].filter((other) => isRunning(other));
        const ups = others.flatMap((other) => [
          nextPeerEvent(node, other.nodeId, "up"),
          nextPeerEvent(other, node.nodeId, "up"),
        ]);
        for (const other of others) {
          node.addPeer(other.nodeId, other.address);
          other.addPeer(node.nodeId, node.address);
        }
        started.set(node.nodeId, node);
        await Promise.all(ups);
      },
      disconnect(a, b) {
        const [near, far] = [started.get(a), started.get(b)] as [TcpTransport, TcpTransport];
        near.removePeer(b);
        near.addPeer(b, far.address);
      },
    };
  };
}

function isRunning(node: TcpTransport): boolean {
  try {
    node.send(node.nodeId, "is it running?", new Uint8Array(0));
    return true;
  } catch {
    return false;
  }
}

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/**
 * Ports of 127.0.0.1 that are free at this moment, all different. Each node keeps its port for the
 * life of the cluster: its peers know it by that.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

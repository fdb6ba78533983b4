import { onTestFinished } from "vitest";
import {
  createTcpTransport,
  type TcpTransport,
  type TcpTransportDependencies,
  type TcpTransportOptions,
} from "../src/tcp/index.ts";

/** A node of one test: listens, dials fast, and is stopped when the test is over. */
export function tcpNode(
  nodeId: string,
  options: Partial<TcpTransportOptions> = {},
  dependencies: TcpTransportDependencies = {},
): TcpTransport {
  const transport = createTcpTransport(
    {
      nodeId,
      clusterId: "test",
      listen: { port: 0 },
      reconnectBackoffMs: { min: 1, max: 10 },
      ...options,
    },
    dependencies,
  );
  onTestFinished(() => transport.stop());
  return transport;
}

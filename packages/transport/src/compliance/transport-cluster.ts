import { afterEach, beforeEach } from "vitest";
import type { LimitOptions } from "../session/limit-options.ts";
import type { NodeId, Transport } from "../transport.ts";

/** The bounds that the suite runs against: small, so that it reaches them. */
export const COMPLIANCE_LIMITS: Required<LimitOptions> = {
  maxMessageBytes: 256 * 1_024,
  maxQueuedBytesPerPeer: 1_024 * 1_024,
  maxRequestsInFlightPerPeer: 1_000,
  maxStreamsPerPeer: 8,
  streamWindowBytes: 64 * 1_024,
};

/** Nodes of one implementation that can talk to each other. */
export interface TransportCluster {
  /** A node that was not started, with the limits that the factory got. */
  create(nodeId: NodeId): Transport;
  /** Starts it. Resolves when it and every node that was added before see each other as up. */
  add(transport: Transport): Promise<void>;
  /** Breaks the connection of two nodes once, as a network does; it comes back by itself. */
  disconnect(a: NodeId, b: NodeId): void;
}

export type TransportClusterFactory = (limits: Required<LimitOptions>) => TransportCluster;

/** What a case works with: `alice` and `bob`, who see each other. */
export interface Fixture {
  readonly cluster: TransportCluster;
  readonly alice: Transport;
  readonly bob: Transport;
  /** A node that was not started; stopped after the case, as all are. */
  readonly create: (nodeId: NodeId) => Transport;
}

/** Makes a cluster before each case, and stops all of its nodes after it. */
export function eachWithFixture(factory: TransportClusterFactory): () => Fixture {
  let fixture: Fixture;
  let created: Transport[] = [];
  beforeEach(async () => {
    const cluster = factory(COMPLIANCE_LIMITS);
    const create = (nodeId: NodeId): Transport => {
      const transport = cluster.create(nodeId);
      created.push(transport);
      return transport;
    };
    fixture = { cluster, create, alice: create("alice"), bob: create("bob") };
    await cluster.add(fixture.alice);
    await cluster.add(fixture.bob);
  });
  afterEach(async () => {
    await Promise.all(created.map((transport) => transport.stop()));
    created = [];
  });
  return () => fixture;
}

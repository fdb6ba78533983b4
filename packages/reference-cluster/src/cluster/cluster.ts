import type { TrafficSample } from "../gateway/traffic.ts";
import type { OrderStore } from "../orders/order-store.ts";
import type { ClusterStatus } from "./cluster-status.ts";

/** A cluster of node processes, with its gateway in this process. */
export interface Cluster extends AsyncDisposable {
  /** Of the gateway, without a slash at the end. */
  readonly url: string;
  readonly dataDirectory: string;
  readonly nodeIds: readonly string[];
  /** The orders themselves, past the gateway. */
  readonly orders: OrderStore;
  /** Asks every node; takes half a second at most. */
  status(): Promise<ClusterStatus>;
  /** What the gateway answered since the last call. */
  traffic(): TrafficSample;
  /**
   * Ends a node's process with SIGKILL; it is started again after half a second.
   *
   * @throws {ClusterError} `invalid-option` when there is no node of that name.
   */
  kill(nodeId: string): void;
  /** Ends gateway and nodes, and gives the folder back. A second call has no effect. */
  stop(): Promise<void>;
}

/** How a cluster is started. */
export interface ClusterOptions {
  /** Made when it does not exist. One cluster a folder. */
  readonly dataDirectory: string;
  /**
   * How many nodes a new cluster has. The nodes of one that is on disk already cannot be changed.
   *
   * @default as many as there are on disk, or 3
   */
  readonly nodes?: number;
  /**
   * Over how many Raft groups a new cluster spreads its orders, from 1 to 16. Those of one that is on
   * disk already cannot be changed.
   *
   * @default as many as there are on disk, or 3
   */
  readonly shards?: number;
  /**
   * Of the gateway, on 127.0.0.1; 0 takes any free one.
   *
   * @default 8_080
   */
  readonly port?: number;
}

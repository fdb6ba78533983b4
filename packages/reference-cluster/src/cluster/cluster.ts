import type { HealthEvent } from "@quorate/load-balancer";
import type { TrafficSample } from "../gateway/traffic.ts";
import type { LockStatus } from "../coordination/cluster-locks.ts";
import type { Deliveries } from "../dispatch/deliveries.ts";
import type { Dispatched } from "../dispatch/delivery-shard.ts";
import type { LiveStatus } from "../live/live-status.ts";
import type { Ranking } from "../ranking/ranking.ts";
import type { Reviews } from "../reviews/reviews.ts";
import type { Consensus } from "../node/consensus.ts";
import type { OrderStore } from "../orders/order-store.ts";
import type { ClusterStatus } from "./cluster-status.ts";
import type { ServiceStatus } from "./service-status.ts";

/** A cluster of node and service processes, with its gateway in this process. */
export interface Cluster extends AsyncDisposable {
  /** Of the gateway, without a slash at the end. */
  readonly url: string;
  readonly dataDirectory: string;
  readonly nodeIds: readonly string[];
  readonly serviceIds: readonly string[];
  readonly dispatcherIds: readonly string[];
  /** The orders themselves, past the gateway and its services. */
  readonly orders: OrderStore;
  /** Who brings them. */
  readonly deliveries: Deliveries;
  /** What is thought of them. */
  readonly reviews: Reviews;
  /** Starts a ranking of the merchants, by the reviews there are now. */
  rank(): Promise<Ranking>;
  /**
   * What the streaming process has counted, of the last minutes up to the newest; undefined when none
   * was to be started.
   *
   * @throws {KvError} when the store of the counts is out of reach.
   */
  live(lastMinutes: number): Promise<LiveStatus | undefined>;
  /** Asks every node; takes half a second at most. */
  status(): Promise<ClusterStatus>;
  /** The order services as the gateway sees them now, a part of `status()`. */
  services(): readonly ServiceStatus[];
  /** Told at once of each service that leaves the gateway's rotation, or is back. */
  onServiceChange(listener: (event: HealthEvent) => void): () => void;
  /** Who holds which lock. @throws {LockError} {StoreError} when their store is out of reach. */
  locks(): Promise<readonly LockStatus[]>;
  /** What the gateway answered since the last call. */
  traffic(): TrafficSample;
  /**
   * Ends the process of a node, service or dispatcher, or the streaming process (`live`), with SIGKILL; it is
   * started again after half a second.
   *
   * @throws {ClusterError} `invalid-option` when there is none of that name.
   */
  kill(id: string): void;
  /** Stops such a process in its tracks, with SIGSTOP. @throws as `kill`. */
  pause(id: string): void;
  /** Lets it go on. @throws as `kill`. */
  resume(id: string): void;
  /**
   * Has a dispatcher send a courier to an order under the token that it held last, whether or not it still
   * holds the lock. One that is paused does so when it goes on.
   *
   * @throws as `kill`.
   */
  dispatchBlindly(dispatcher: string, orderId: string): Promise<Dispatched>;
  /** Ends gateway, services and nodes, and gives the folder back. A second call has no effect. */
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
   * Over how many groups a new cluster spreads its orders, from 1 to 16. Those of one that is on
   * disk already cannot be changed.
   *
   * @default as many as there are on disk, or 3
   */
  readonly shards?: number;
  /**
   * How the replicas of a new cluster agree; that of one that is on disk already cannot be changed.
   *
   * @default as on disk, or "raft"
   */
  readonly consensus?: Consensus;
  /**
   * How many order services the gateway balances over, from 1 to 16; they keep nothing on disk.
   *
   * @default 3
   */
  readonly services?: number;
  /**
   * How many dispatchers line up to send couriers, from 0 (nobody does) to 4.
   *
   * @default 2
   */
  readonly dispatchers?: number;
  /**
   * Whether a process counts the orders while they come.
   *
   * @default true
   */
  readonly live?: boolean;
  /**
   * Of the gateway, on 127.0.0.1; 0 takes any free one.
   *
   * @default 8_080
   */
  readonly port?: number;
}

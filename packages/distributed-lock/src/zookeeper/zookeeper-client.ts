/**
 * What the store uses of a client of npm `node-zookeeper-client`, which fits as it is. Results come by
 * callback, in the order of the requests.
 */
export interface ZooKeeperClient {
  connect(): void;
  close(): void;
  getSessionTimeout(): number;
  on(event: "connected" | "disconnected" | "expired", listener: () => void): unknown;
  create(path: string, data: Buffer, mode: number, done: Answer<[path: string]>): void;
  remove(path: string, version: number, done: Answer<[]>): void;
  getData(
    path: string,
    watcher: () => void,
    done: Answer<[data: Buffer | undefined, stat: ZooKeeperStat]>,
  ): void;
  getChildren(path: string, done: Answer<[children: string[]]>): void;
  getChildren(path: string, watcher: () => void, done: Answer<[children: string[]]>): void;
  transaction(): ZooKeeperTransaction;
  /**
   * Its insides, for want of another way to make it give up a connection: it waits for ever for a server
   * that hangs, or that drops what comes while it starts.
   */
  readonly connectionManager?: { readonly socket?: { destroy(): void } | undefined };
}

/** Makes a client that is not connected yet, with a session timeout in milliseconds. */
export type ConnectZooKeeper = (sessionTimeoutMs: number) => ZooKeeperClient;

export interface ZooKeeperTransaction {
  check(path: string, version?: number): ZooKeeperTransaction;
  commit(done: Answer<[results: unknown]>): void;
}

/** `error`: null, or an error with ZooKeeper's `code`. */
type Answer<R extends unknown[]> = (error: unknown, ...results: R) => void;

export interface ZooKeeperStat {
  /** The transaction that created the node: 8 bytes, big-endian. */
  readonly czxid: Buffer;
}

/** ZooKeeper's own numbers, of its protocol. */
export const PERSISTENT = 0;
export const EPHEMERAL_SEQUENTIAL = 3;
export const ANY_VERSION = -1;
const NO_NODE = -101;
const NODE_EXISTS = -110;
const SESSION_EXPIRED = -112;

export function isNoNode(error: unknown): boolean {
  return codeOf(error) === NO_NODE;
}

export function isNodeExists(error: unknown): boolean {
  return codeOf(error) === NODE_EXISTS;
}

export function isSessionExpired(error: unknown): boolean {
  return codeOf(error) === SESSION_EXPIRED;
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | undefined)?.code;
}

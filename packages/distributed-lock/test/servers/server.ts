import type { CoordinationStore } from "../../src/index.ts";
import type { ServerProcess } from "./server-process.ts";

/** A store, and the client under it. */
export interface OpenedStore {
  readonly store: CoordinationStore;
  close(): Promise<void>;
}

/** A real server that stores of one kind are tried against. */
export interface Server {
  readonly port: number;
  readonly process: ServerProcess;
  stop(): Promise<void>;
}

export interface ServerKind {
  readonly name: string;
  /** Why there is none here; undefined when there is. */
  readonly missing: string | undefined;
  /** Whether BACKENDS.md has an example of that name. @default true */
  readonly hasExample?: boolean;
  /** Milliseconds: the shortest that a session may ask for. */
  readonly minTtlMs: number;
  /** Opens a store with a client of its own, which connects to `port` on this machine. By default it waits 5 seconds for answers. */
  open(port: number, requestTimeoutMs?: number): Promise<OpenedStore>;
  start(): Promise<Server>;
}

import { createLocks, type Locks, type LocksOptions } from "../../src/index.ts";
import { CuttableProxy } from "./cuttable-proxy.ts";
import type { OpenedStore, Server, ServerKind } from "./server.ts";

/** The server of a test file, and whatever a case opened on it. */
export class Workbench {
  readonly #kind: ServerKind;
  #server: Server | undefined;
  #closing: (() => Promise<void> | void)[] = [];

  constructor(kind: ServerKind) {
    this.#kind = kind;
  }

  get server(): Server {
    return this.#server!;
  }

  async start(): Promise<void> {
    this.#server = await this.#kind.start();
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  async connect(port = this.server.port, requestTimeoutMs?: number): Promise<OpenedStore> {
    const opened = await this.#kind.open(port, requestTimeoutMs);
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => (closing ??= opened.close());
    this.#closing.push(close);
    return { store: opened.store, close };
  }

  /** Locks as of a process of their own. */
  async locks(options: LocksOptions, port?: number): Promise<Locks> {
    const { store } = await this.connect(port);
    const locks = createLocks(store, options);
    this.#closing.push(() => locks.stop());
    return locks;
  }

  async proxy(): Promise<CuttableProxy> {
    const proxy = await CuttableProxy.start(this.server.port);
    this.#closing.push(() => proxy.stop());
    return proxy;
  }

  /** The last first. */
  async closeAll(): Promise<void> {
    const closing = this.#closing.toReversed();
    this.#closing = [];
    for (const close of closing) await close();
  }
}

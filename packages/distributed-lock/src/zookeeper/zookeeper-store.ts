import { type Clock, systemClock } from "@quorate/runtime";
import { BackendCalls } from "../store/backend-calls.ts";
import { type BackendOptions, validatedBackend } from "../store/backend-options.ts";
import type {
  Blockers,
  Contender,
  CoordinationStore,
  JoinRequest,
  Place,
  Renewal,
  Standing,
  StoreCall,
  StoreSession,
} from "../store/coordination-store.ts";
import type { Guarantees } from "../store/guarantees.ts";
import { StoreError } from "../store/store-error.ts";
import type { Connection } from "./connection.ts";
import { aheadOf, contendersIn, QueuePaths } from "./queue-paths.ts";
import { Reader } from "./reader.ts";
import { type ConnectZooKeeper, isNoNode, isSessionExpired } from "./zookeeper-client.ts";
import { ZooKeeperSession } from "./zookeeper-session.ts";

export interface ZooKeeperStoreOptions extends BackendOptions {
  /**
   * The node under which each lock has one: an absolute path, created where it is missing. Locks of
   * different roots know nothing of each other.
   *
   * @default "/quorate-locks"
   */
  readonly root?: string;
  /**
   * Milliseconds, above 0: the timeout of the store's own ZooKeeper session, which reads and watches.
   *
   * @default 10_000
   */
  readonly sessionTimeoutMs?: number;
}

/** What the store needs from outside, beside its connections. */
export interface ZooKeeperStoreDependencies {
  /** For timeouts, and for sessions that nobody renews. @default systemClock */
  readonly clock?: Clock;
}

/** So many servers may be tried before a request is given up. */
const CONNECTS_PER_REQUEST = 3;

/** Nodes in a ZooKeeper ensemble. */
export class ZooKeeperStore implements CoordinationStore, AsyncDisposable {
  readonly guarantees: Guarantees = {
    fencing: true,
    fifo: true,
    quorum: true,
    clockDependent: false,
  };
  readonly #connect: ConnectZooKeeper;
  readonly #clock: Clock;
  readonly #connectTimeoutMs: number;
  readonly #calls: BackendCalls;
  readonly #paths: QueuePaths;
  readonly #sessions = new Map<string, ZooKeeperSession>();
  readonly #reader: Reader;
  /** What this store's session ids begin with: those of others are not known to have ended. */
  readonly #sessionPrefix = globalThis.crypto.randomUUID();
  #sessionsOpened = 0;

  constructor(
    connect: ConnectZooKeeper,
    options: ZooKeeperStoreOptions,
    { clock = systemClock }: ZooKeeperStoreDependencies,
  ) {
    const { root = "/quorate-locks", sessionTimeoutMs = 10_000 } = options;
    this.#connect = connect;
    this.#clock = clock;
    const backend = validatedBackend(options);
    this.#calls = new BackendCalls(clock, backend);
    this.#connectTimeoutMs = backend.requestTimeoutMs / CONNECTS_PER_REQUEST;
    this.#paths = new QueuePaths(validatedRoot(root));
    this.#reader = new Reader(
      connect,
      sessionTimeoutMs,
      this.#connectTimeoutMs,
      clock,
      this.#paths,
    );
  }

  async openSession(ttlMs: number, call?: StoreCall): Promise<StoreSession> {
    this.#calls.checkOpen();
    const session = new ZooKeeperSession(this.#connect, ttlMs, this.#connectTimeoutMs, this.#clock);
    try {
      await this.#ask(session.connection, call, () =>
        session.connection.makePath(this.#paths.root),
      );
    } catch (error) {
      session.connection.abandon();
      throw error;
    }
    const id = `${this.#sessionPrefix}-${++this.#sessionsOpened}`;
    this.#sessions.set(id, session);
    session.renewed();
    return { id, ttlMs: session.ttlMs };
  }

  async keepAlive(sessionId: string, call?: StoreCall): Promise<Renewal> {
    const session = this.#ownSession(sessionId);
    if (!session) return "expired";
    const lives = await this.#ask(session.connection, call, () =>
      ifSessionLives(session.connection.barrier(this.#paths.root)),
    );
    if (lives === "expired" || session.connection.isOver) {
      this.#sessions.delete(sessionId);
      return "expired";
    }
    session.renewed();
    return { ttlMs: session.ttlMs };
  }

  async closeSession(sessionId: string, call?: StoreCall): Promise<void> {
    const session = this.#ownSession(sessionId);
    if (!session) return;
    this.#sessions.delete(sessionId);
    await this.#calls.run(call, async () => {
      await session.close();
      await this.#checkGone(session);
    });
  }

  async join(request: JoinRequest, call?: StoreCall): Promise<Standing | "refused"> {
    const session = this.#ownSession(request.sessionId);
    if (!session || session.refuses(request)) return "refused";
    const standing = await this.#ask(session.connection, call, () =>
      ifSessionLives(session.inOrder(request, () => this.#join(session, request))),
    );
    return standing === "expired" || session.refuses(request) ? "refused" : standing;
  }

  async standing(
    place: Place,
    { roles, limit }: Blockers,
    call?: StoreCall,
  ): Promise<Pick<Standing, "ahead"> | "gone"> {
    const contenders = await this.#read(call, () => this.#reader.contenders(place.queue));
    const ahead = aheadOf(contenders, ({ id }) => id === place.id, { roles, limit });
    return ahead ? { ahead } : "gone";
  }

  async leave(place: Place, token: bigint | undefined, call?: StoreCall): Promise<void> {
    if (token !== undefined) {
      const session = this.#sessions.get(place.sessionId);
      const connection = session?.connection ?? this.#reader.connection;
      await this.#ask(connection, call, () => this.#leave(place, token, session));
      return;
    }
    const session = this.#ownSession(place.sessionId);
    if (!session) return;
    session.refuse(place);
    await this.#ask(session.connection, call, () =>
      ifSessionLives(session.inOrder(place, () => this.#leaveForGood(session, place))),
    );
  }

  async contenders(queue: string, limit: number, call?: StoreCall): Promise<readonly Contender[]> {
    return this.#read(call, async () => {
      for (;;) {
        const first = (await this.#reader.contenders(queue)).slice(0, limit);
        const found = await Promise.all(first.map((node) => this.#reader.contender(queue, node)));
        const contenders = found.filter((contender) => contender !== undefined);
        // Who left in between was there when these were read: so others may have come by now.
        if (contenders.length === first.length) return contenders;
      }
    });
  }

  async whenGone(queue: string, ref: string, call?: StoreCall): Promise<void> {
    const path = `${this.#paths.pathOf(queue)}/${ref}`;
    await this.#calls.wait(call, {
      listen: (wake) => this.#reader.onGone(path, wake),
      look: async () => {
        const node = await this.#read(call, () => this.#reader.connection.node(path));
        return node ? this.#calls.pollMs : "over";
      },
    });
  }

  async whenJoined(queue: string, call?: StoreCall): Promise<void> {
    const path = this.#paths.pathOf(queue);
    await this.#calls.wait(call, {
      listen: async (wake) => {
        await this.#reader.connection.makePath(path);
        return this.#reader.onChildren(path, wake);
      },
      look: async () => {
        const contenders = await this.#read(call, () => this.#reader.contenders(queue));
        return contenders.length > 0 ? "over" : this.#calls.pollMs;
      },
    });
  }

  /** Ends all waits, and all sessions that this store opened. Idempotent. */
  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    this.#calls.close();
    this.#reader.abandon();
    for (const session of sessions) await session.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #read<T>(call: StoreCall | undefined, operate: () => Promise<T>): Promise<T> {
    return this.#ask(this.#reader.connection, call, operate);
  }

  /** What hears no answer in time tries another server. */
  async #ask<T>(
    connection: Connection,
    call: StoreCall | undefined,
    operate: () => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#calls.run(call, operate);
    } catch (error) {
      const isOverdue = error instanceof StoreError && error.cause === undefined;
      if (isOverdue && error.code === "unreachable") connection.reconnect();
      throw error;
    }
  }

  /** Undefined when it has ended. Only who opened a session can do anything in it. */
  #ownSession(sessionId: string): ZooKeeperSession | undefined {
    this.#calls.checkOpen();
    const session = this.#sessions.get(sessionId);
    if (session) return session.connection.isOver ? undefined : session;
    if (sessionId.startsWith(this.#sessionPrefix)) return undefined;
    throw new StoreError("unsupported", `session ${sessionId} was opened by another store`);
  }

  async #join(session: ZooKeeperSession, request: JoinRequest): Promise<Standing | "refused"> {
    const { connection } = session;
    const queuePath = this.#paths.pathOf(request.queue);
    let path = await this.#ownNode(session, request);
    for (;;) {
      if (session.refuses(request)) return "refused";
      path ??= await this.#create(connection, request);
      // Sent together, and read in this order: so that who finds its node was in the list.
      const [children, node] = await Promise.all([
        connection.children(queuePath),
        connection.node(path),
      ]);
      const ref = path.slice(queuePath.length + 1);
      const ahead = aheadOf(contendersIn(children), ({ name }) => name === ref, request.blockers);
      if (node && ahead) {
        session.keep(request, { path, token: node.createdBy });
        return { token: node.createdBy, ref, ahead };
      }
      // Somebody took it out meanwhile.
      path = undefined;
    }
  }

  /** The node of a join before: its answer may have been lost, or somebody may have removed it. */
  async #ownNode(session: ZooKeeperSession, place: Place): Promise<string | undefined> {
    const isFirst = !session.nodeOf(place) && !session.isUncertain(place);
    session.setUncertain(place);
    if (isFirst) return undefined;
    const { connection } = session;
    const [, children] = await Promise.all([
      connection.barrier(this.#paths.root),
      connection.children(this.#paths.pathOf(place.queue)),
    ]);
    const own = contendersIn(children).find(({ id }) => id === place.id);
    return own && `${this.#paths.pathOf(place.queue)}/${own.name}`;
  }

  async #create(connection: Connection, request: JoinRequest): Promise<string> {
    const path = this.#paths.newNode(request);
    const data = Buffer.from(request.metadata);
    try {
      return await connection.createEphemeral(path, data);
    } catch (error) {
      if (!isNoNode(error)) throw error;
      await connection.makePath(this.#paths.pathOf(request.queue));
      return connection.createEphemeral(path, data);
    }
  }

  async #leave(place: Place, token: bigint, session: ZooKeeperSession | undefined): Promise<void> {
    const known = session?.nodeOf(place);
    if (session && known?.token === token) {
      await ifSessionLives(session.connection.remove(known.path));
      session.forget(place);
      return;
    }
    const reader = this.#reader.connection;
    for (const { id, name } of await this.#reader.contenders(place.queue)) {
      const path = `${this.#paths.pathOf(place.queue)}/${name}`;
      const node = id === place.id ? await reader.node(path) : undefined;
      if (node?.createdBy === token) await reader.remove(path);
    }
  }

  async #leaveForGood(session: ZooKeeperSession, place: Place): Promise<void> {
    const { connection } = session;
    const queuePath = this.#paths.pathOf(place.queue);
    const [, children] = await Promise.all([
      connection.barrier(this.#paths.root),
      connection.children(queuePath),
    ]);
    const own = contendersIn(children).filter(({ id }) => id === place.id);
    await Promise.all(own.map(({ name }) => connection.remove(`${queuePath}/${name}`)));
    session.forget(place);
  }

  /** The connection may have broken before the ensemble heard that the session is to end. */
  async #checkGone(session: ZooKeeperSession): Promise<void> {
    const [node] = session.nodes;
    if (!node) return;
    const reader = this.#reader.connection;
    const [, left] = await Promise.all([reader.barrier(this.#paths.root), reader.node(node.path)]);
    if (left) throw new StoreError("unreachable", "whether the session has ended is not known");
  }
}

async function ifSessionLives<T>(operation: Promise<T>): Promise<T | "expired"> {
  try {
    return await operation;
  } catch (error) {
    if (isSessionExpired(error)) return "expired";
    throw error;
  }
}

function validatedRoot(root: string): string {
  if (/^(\/[^/]+)+$/.test(root)) return root;
  throw new StoreError("invalid-option", `root must be an absolute path, not "${root}"`);
}

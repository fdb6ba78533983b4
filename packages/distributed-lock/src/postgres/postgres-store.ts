import { createHash } from "node:crypto";
import { type Clock, systemClock } from "@quorate/runtime";
import { type BackendOptions, validatedBackend } from "../store/backend-options.ts";
import { BackendCalls } from "../store/backend-calls.ts";
import type {
  Blockers,
  Contender,
  CoordinationStore,
  JoinRequest,
  Place,
  Renewal,
  Role,
  Standing,
  StoreCall,
  StoreSession,
} from "../store/coordination-store.ts";
import type { Guarantees } from "../store/guarantees.ts";
import { StoreError } from "../store/store-error.ts";
import { Listener } from "./listener.ts";
import type { PostgresPool } from "./postgres-pool.ts";
import { schemaOf } from "./schema.ts";

export interface PostgresStoreOptions extends BackendOptions {
  /**
   * The schema for the tables and functions: a lower-case letter, then up to 25 letters, digits and
   * `_`. Locks of different schemas know nothing of each other.
   *
   * @default "quorate_locks"
   */
  readonly schema?: string;
  /**
   * Whether the first call creates the schema, and brings its functions up to date; needs the right to.
   * Otherwise run `postgresSchema()` yourself.
   *
   * @default true
   */
  readonly createSchema?: boolean;
  /**
   * What may take over when the server fails. Said by you, not found out; `guarantees` follows it.
   *
   * - `none`: nothing but the same disk.
   * - `synchronous`: only a standby that has every commit (`synchronous_standby_names` is set).
   * - `asynchronous`: a standby that may lack the last ones: two may hold, and tokens go back.
   *
   * @default "asynchronous"
   */
  readonly failover?: "none" | "synchronous" | "asynchronous";
}

/** What the store needs from outside, beside its pool. */
export interface PostgresStoreDependencies {
  /** For timeouts only. @default systemClock */
  readonly clock?: Clock;
}

const DEFAULT_SCHEMA = "quorate_locks";

/** Rows in a PostgreSQL database. */
export class PostgresStore implements CoordinationStore, AsyncDisposable {
  readonly guarantees: Guarantees;
  readonly #pool: PostgresPool;
  readonly #calls: BackendCalls;
  readonly #schema: string;
  readonly #createSchema: boolean;
  #listener: Promise<Listener> | undefined;

  constructor(
    pool: PostgresPool,
    options: PostgresStoreOptions,
    { clock = systemClock }: PostgresStoreDependencies,
  ) {
    const { schema = DEFAULT_SCHEMA, createSchema = true, failover = "asynchronous" } = options;
    this.#pool = pool;
    this.#calls = new BackendCalls(clock, validatedBackend(options));
    this.#schema = validatedSchema(schema);
    this.#createSchema = createSchema;
    this.guarantees = {
      fencing: failover !== "asynchronous",
      fifo: true,
      quorum: failover === "synchronous",
      clockDependent: true,
    };
  }

  async openSession(ttlMs: number, call?: StoreCall): Promise<StoreSession> {
    const id = globalThis.crypto.randomUUID();
    await this.#run("open_session($1, $2)", [id, ttlMs], call);
    return { id, ttlMs };
  }

  async keepAlive(sessionId: string, call?: StoreCall): Promise<Renewal> {
    const [row] = await this.#run("keep_alive($1) AS ttl_ms", [sessionId], call);
    const ttlMs = row!["ttl_ms"];
    return ttlMs === null ? "expired" : { ttlMs: Number(ttlMs) };
  }

  async closeSession(sessionId: string, call?: StoreCall): Promise<void> {
    await this.#run("close_session($1)", [sessionId], call);
  }

  async join(request: JoinRequest, call?: StoreCall): Promise<Standing | "refused"> {
    const { queue, sessionId, id, role, metadata, blockers } = request;
    const values = [queue, sessionId, id, role, metadata, blockers.roles, blockers.limit];
    const [row] = await this.#run("join_queue($1, $2, $3, $4, $5, $6, $7)", values, call);
    if (!row) return "refused";
    const { ref, ahead } = row as unknown as StandingRow;
    return { token: BigInt(ref), ref, ahead };
  }

  async standing(
    { queue, sessionId, id }: Place,
    { roles, limit }: Blockers,
    call?: StoreCall,
  ): Promise<Pick<Standing, "ahead"> | "gone"> {
    const values = [queue, sessionId, id, roles, limit];
    const [row] = await this.#run("standing($1, $2, $3, $4, $5)", values, call);
    return row ? { ahead: (row as unknown as StandingRow).ahead } : "gone";
  }

  async leave(place: Place, token: bigint | undefined, call?: StoreCall): Promise<void> {
    const { queue, sessionId, id } = place;
    const values = [queue, sessionId, id, token === undefined ? null : String(token)];
    await this.#run("leave_queue($1, $2, $3, $4)", values, call);
  }

  async contenders(queue: string, limit: number, call?: StoreCall): Promise<readonly Contender[]> {
    const rows = await this.#run("contenders_of($1, $2)", [queue, limit], call);
    return (rows as unknown as ContenderRow[]).map(({ ref, id, session_id, role, metadata }) => {
      return { queue, sessionId: session_id, id, role, token: BigInt(ref), ref, metadata };
    });
  }

  async whenGone(queue: string, ref: string, call?: StoreCall): Promise<void> {
    await this.#wait(`${this.#schema}_g_${ref}`, call, async () => {
      const [row] = await this.#run("time_left($1, $2) AS left_ms", [queue, ref], call);
      const leftMs = row!["left_ms"];
      return leftMs === null ? "over" : Math.max(0, Number(leftMs)) + 1;
    });
  }

  async whenJoined(queue: string, call?: StoreCall): Promise<void> {
    const hash = createHash("sha256").update(queue).digest("hex").slice(0, 32);
    await this.#wait(`${this.#schema}_j_${hash}`, call, async () => {
      const contenders = await this.contenders(queue, 1, call);
      return contenders.length > 0 ? "over" : this.#calls.pollMs;
    });
  }

  /** Ends all waits, and gives the connection back. Sessions end by their own time. Idempotent. */
  async close(): Promise<void> {
    this.#calls.close();
    const listener = await this.#listener?.catch(() => undefined);
    listener?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #wait(
    channel: string,
    call: StoreCall | undefined,
    look: () => Promise<"over" | number>,
  ): Promise<void> {
    await this.#calls.wait(call, {
      listen: async (wake) => (await this.#opened()).listen(channel, wake),
      look,
    });
  }

  async #run(
    call: string,
    values: unknown[],
    storeCall: StoreCall | undefined,
  ): Promise<readonly Record<string, unknown>[]> {
    return this.#calls.run(storeCall, async () => {
      await this.#opened();
      const result = await this.#pool.query(`SELECT * FROM ${this.#schema}.${call}`, values);
      return result.rows;
    });
  }

  /** Once, and again after its connection was lost. */
  async #opened(): Promise<Listener> {
    const known = this.#listener;
    if (known) {
      const listener = await known.catch(() => undefined);
      if (listener && !listener.isLost) return listener;
      if (this.#listener === known) this.#listener = undefined;
    }
    this.#calls.checkOpen();
    this.#listener ??= this.#open();
    return this.#listener;
  }

  async #open(): Promise<Listener> {
    const listener = await Listener.open(this.#pool);
    try {
      this.#calls.checkOpen();
      if (this.#createSchema) await this.#pool.query(schemaOf(this.#schema));
      return listener;
    } catch (error) {
      listener.close();
      throw error;
    }
  }
}

interface StandingRow {
  readonly ref: string;
  readonly ahead: readonly string[];
}

interface ContenderRow {
  readonly ref: string;
  readonly id: string;
  readonly session_id: string;
  readonly role: Role;
  readonly metadata: string;
}

/**
 * The SQL that creates the schema, its tables and functions, or brings them up to date: for those who
 * run their migrations themselves. May be run again, and by several at once; as one statement.
 */
export function postgresSchema(schema: string = DEFAULT_SCHEMA): string {
  return schemaOf(validatedSchema(schema));
}

/** It becomes part of SQL and of channels, which have 63 bytes. */
function validatedSchema(schema: string): string {
  if (/^[a-z][a-z0-9_]{0,25}$/.test(schema)) return schema;
  throw new StoreError(
    "invalid-option",
    `schema must be a lower-case letter, then up to 25 letters, digits and _, not "${schema}"`,
  );
}

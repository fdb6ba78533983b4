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
import type { RedisClient } from "./redis-client.ts";
import {
  CLOSE_SESSION,
  CONTENDERS,
  JOIN,
  KEEP_ALIVE,
  LEAVE,
  OPEN_SESSION,
  type Script,
  STANDING,
  TIME_LEFT,
} from "./scripts.ts";
import { Subscriptions } from "./subscriptions.ts";

export interface RedisStoreOptions extends BackendOptions {
  /**
   * What the names of all keys and channels begin with; it becomes the hash tag, so that one shard of
   * a cluster has them all. No braces, not empty. Locks of different prefixes know nothing of each
   * other.
   *
   * @default "quorate:locks"
   */
  readonly prefix?: string;
}

/** What the store needs from outside, beside its client. */
export interface RedisStoreDependencies {
  /** For timeouts only. @default systemClock */
  readonly clock?: Clock;
}

/** One Redis, or one shard of a cluster. */
export class RedisStore implements CoordinationStore, AsyncDisposable {
  readonly guarantees: Guarantees = {
    fencing: false,
    fifo: true,
    quorum: false,
    clockDependent: true,
  };
  readonly #client: RedisClient;
  readonly #calls: BackendCalls;
  readonly #base: string;
  readonly #subscriptions: Subscriptions;

  constructor(
    client: RedisClient,
    options: RedisStoreOptions,
    { clock = systemClock }: RedisStoreDependencies,
  ) {
    this.#client = client;
    this.#calls = new BackendCalls(clock, validatedBackend(options));
    this.#base = `{${validatedPrefix(options.prefix ?? "quorate:locks")}}`;
    this.#subscriptions = new Subscriptions(client);
  }

  async openSession(ttlMs: number, call?: StoreCall): Promise<StoreSession> {
    const id = globalThis.crypto.randomUUID();
    const wholeMs = Math.ceil(ttlMs);
    await this.#run(OPEN_SESSION, [id, String(wholeMs)], call);
    return { id, ttlMs: wholeMs };
  }

  async keepAlive(sessionId: string, call?: StoreCall): Promise<Renewal> {
    const ttlMs = (await this.#run(KEEP_ALIVE, [sessionId], call)) as number;
    return ttlMs < 0 ? "expired" : { ttlMs };
  }

  async closeSession(sessionId: string, call?: StoreCall): Promise<void> {
    await this.#run(CLOSE_SESSION, [sessionId], call);
  }

  async join(request: JoinRequest, call?: StoreCall): Promise<Standing | "refused"> {
    const { queue, sessionId, id, role, metadata, blockers } = request;
    const place = [queue, sessionId, id, role === "shared" ? "s" : "x", metadata];
    const answer = await this.#run(JOIN, [...place, ...asArguments(blockers)], call);
    const [ref, ...ahead] = answer as string[];
    return ref === undefined ? "refused" : { token: parsedRef(ref).token, ref, ahead };
  }

  async standing(
    { queue, sessionId, id }: Place,
    blockers: Blockers,
    call?: StoreCall,
  ): Promise<Pick<Standing, "ahead"> | "gone"> {
    const place = [queue, sessionId, id];
    const answer = await this.#run(STANDING, [...place, ...asArguments(blockers)], call);
    const [ref, ...ahead] = answer as string[];
    return ref === undefined ? "gone" : { ahead };
  }

  async leave(place: Place, token: bigint | undefined, call?: StoreCall): Promise<void> {
    const { queue, sessionId, id } = place;
    await this.#run(LEAVE, [queue, sessionId, id, token === undefined ? "" : String(token)], call);
  }

  async contenders(queue: string, limit: number, call?: StoreCall): Promise<readonly Contender[]> {
    const entries = (await this.#run(CONTENDERS, [queue, String(limit)], call)) as string[];
    return entries.map((entry) => {
      const endOfRef = entry.indexOf("\n");
      const ref = entry.slice(0, endOfRef);
      return { queue, ...parsedRef(ref), ref, metadata: entry.slice(endOfRef + 1) };
    });
  }

  async whenGone(queue: string, ref: string, call?: StoreCall): Promise<void> {
    await this.#wait(`${this.#base}:gone:${ref}`, call, async (lookCall) => {
      const leftMs = (await this.#run(TIME_LEFT, [queue, ref], lookCall)) as number;
      return leftMs < 0 ? "over" : leftMs + 1;
    });
  }

  async whenJoined(queue: string, call?: StoreCall): Promise<void> {
    await this.#wait(`${this.#base}:joined:${queue}`, call, async (lookCall) => {
      const contenders = await this.contenders(queue, 1, lookCall);
      return contenders.length > 0 ? "over" : this.#calls.pollMs;
    });
  }

  /** Ends all waits and the connection that listens. Sessions end by their own time. Idempotent. */
  async close(): Promise<void> {
    this.#calls.close();
    await this.#subscriptions.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #wait(
    channel: string,
    call: StoreCall | undefined,
    look: (call: StoreCall | undefined) => Promise<"over" | number>,
  ): Promise<void> {
    await this.#calls.wait(call, {
      listen: (wake) => this.#subscriptions.listen(channel, wake),
      look: () => look(call),
    });
  }

  async #run(script: Script, values: string[], call: StoreCall | undefined): Promise<unknown> {
    const options = { keys: [this.#base], arguments: values };
    return this.#calls.run(call, async () => {
      try {
        return await this.#client.evalSha(script.sha, options);
      } catch (error) {
        // The server was restarted, or sees this script for the first time: surely nothing was done.
        if (!String(error).includes("NOSCRIPT")) throw error;
        return this.#client.eval(script.text, options);
      }
    });
  }
}

function validatedPrefix(prefix: string): string {
  if (prefix !== "" && !/[{}]/.test(prefix)) return prefix;
  throw new StoreError("invalid-option", "prefix must not be empty nor have braces");
}

function asArguments({ roles, limit }: Blockers): string[] {
  return [roles, String(limit)];
}

function parsedRef(ref: string): {
  readonly token: bigint;
  readonly role: Role;
  readonly id: string;
  readonly sessionId: string;
} {
  const [token, role, id] = ref.split(":") as [string, string, string];
  return {
    token: BigInt(token),
    role: role === "s" ? "shared" : "exclusive",
    id,
    sessionId: id.split(".", 1)[0]!,
  };
}

import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import type { SessionCommand } from "./session.ts";
import type { SessionOptions } from "./session-options.ts";

interface Session {
  lastUsedMs: number;
  /** Below this, results were answered or forgotten. */
  forgottenBelow: number;
  readonly results: Map<number, Uint8Array>;
  /** Which use of any session its last was. */
  lastUse: number;
}

/** What is known of a command in a session before it is applied. */
export type Lookup =
  | { readonly kind: "new" }
  | { readonly kind: "applied"; readonly result: Uint8Array }
  | { readonly kind: "expired" };

/**
 * The replicated part of sessions: deterministic, and part of every snapshot. Time is the log's own,
 * so that all nodes expire a session at the same place in the log (raft.md, 26).
 *
 * Source: D. Ongaro, "Consensus: Bridging Theory and Practice" (2014), §6.3.
 */
export class SessionTable {
  readonly #options: Required<SessionOptions>;
  /** In the order of their last use, the longest ago first. */
  #sessions = new Map<number, Session>();
  #timeMs = 0;
  #uses = 0;
  /** Sessions that were used, opened or expired since they were last told; undefined: nobody asks. */
  readonly #changed: Set<number> | undefined;

  constructor(options: Required<SessionOptions>, tellsChanges: boolean = false) {
    this.#options = options;
    this.#changed = tellsChanges ? new Set() : undefined;
  }

  /** The latest time that the log has shown. Never goes back. */
  get timeMs(): number {
    return this.#timeMs;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Time passes only by what the log says; sessions that fall due expire. */
  advanceTo(timeMs: number): void {
    this.#timeMs = Math.max(this.#timeMs, timeMs);
    for (const [id, { lastUsedMs }] of this.#sessions) {
      if (lastUsedMs + this.#options.sessionTtlMs > this.#timeMs) break;
      this.#delete(id);
    }
  }

  open(id: number): void {
    if (this.#sessions.size >= this.#options.maxSessions) {
      this.#delete(this.#sessions.keys().next().value!);
    }
    const session = { forgottenBelow: 1, results: new Map(), lastUsedMs: 0, lastUse: 0 };
    this.#use(id, session);
  }

  /** Looks a command up; counts as a use of its session, and forgets what the client has answers to. */
  look({ sessionId, sequence, answeredBelow }: SessionCommand): Lookup {
    const session = this.#sessions.get(sessionId);
    if (!session) return { kind: "expired" };
    this.#use(sessionId, session);
    forgetBelow(session, answeredBelow);
    const result = session.results.get(sequence);
    if (result) return { kind: "applied", result };
    return { kind: sequence < session.forgottenBelow ? "expired" : "new" };
  }

  /** Keeps the result of a command that `look` called new. */
  remember({ sessionId, sequence }: SessionCommand, result: Uint8Array): void {
    const session = this.#sessions.get(sessionId);
    // Forgotten before it was known, when the next command of the same batch had its answer already.
    if (!session || sequence < session.forgottenBelow) return;
    session.results.set(sequence, result);
    if (session.results.size > this.#options.maxResultsPerSession) {
      forgetBelow(session, smallest(session.results.keys()) + 1);
    }
  }

  encode(): Uint8Array {
    const sessions = [...this.#sessions];
    const length = sessions.reduce((sum, [, session]) => sum + 8 + bytesOf(session), 16);
    const writer = new ByteWriter(length).number(this.#timeMs).number(sessions.length);
    for (const [id, session] of sessions) write(writer.number(id), session);
    return writer.finish();
  }

  /**
   * The sessions that changed since the last call, as `adopt` takes them; undefined for one that is no
   * more. For a state that is kept on disk.
   */
  *changes(): Generator<readonly [id: number, Uint8Array | undefined]> {
    for (const id of this.#changed ?? []) {
      const session = this.#sessions.get(id);
      const writer = session && new ByteWriter(8 + bytesOf(session)).number(session.lastUse);
      yield [id, writer && write(writer, session).finish()];
    }
    this.#changed?.clear();
  }

  /** Takes over what `changes` told of each session last, and the time. */
  adopt(timeMs: number, sessions: Iterable<readonly [id: number, Uint8Array]>): void {
    this.#timeMs = timeMs;
    const found = [...sessions].map(([id, bytes]) => {
      const reader = new ByteReader(bytes);
      const lastUse = reader.number();
      return { id, session: { ...read(reader), lastUse } };
    });
    // Their order decides who expires first, so it must be as it was.
    found.sort((a, b) => a.session.lastUse - b.session.lastUse);
    this.#sessions = new Map(found.map(({ id, session }) => [id, session]));
    this.#uses = found.at(-1)?.session.lastUse ?? 0;
  }

  /** Takes over what another table's `encode` gave. */
  decode(bytes: Uint8Array): void {
    const reader = new ByteReader(bytes);
    const timeMs = reader.number();
    const sessions = new Map<number, Session>();
    for (let left = reader.number(); left > 0; left--) {
      const id = reader.number();
      sessions.set(id, { ...read(reader), lastUse: ++this.#uses });
      this.#changed?.add(id);
    }
    this.#timeMs = timeMs;
    this.#sessions = sessions;
  }

  #use(id: number, session: Session): void {
    session.lastUsedMs = this.#timeMs;
    const isLast = session.lastUse === this.#uses && this.#sessions.has(id);
    session.lastUse = ++this.#uses;
    // Most commands are of the session that the one before was of: it stands last already.
    if (!isLast) {
      this.#sessions.delete(id);
      this.#sessions.set(id, session);
    }
    this.#changed?.add(id);
  }

  #delete(id: number): void {
    this.#sessions.delete(id);
    this.#changed?.add(id);
  }
}

function bytesOf({ results }: Session): number {
  let bytes = 24;
  for (const result of results.values()) bytes += 16 + result.length;
  return bytes;
}

function write(writer: ByteWriter, session: Session): ByteWriter {
  const { lastUsedMs, forgottenBelow, results } = session;
  writer.number(lastUsedMs).number(forgottenBelow).number(results.size);
  for (const [sequence, result] of results) {
    writer.number(sequence).number(result.length).bytes(result);
  }
  return writer;
}

function read(reader: ByteReader): Omit<Session, "lastUse"> {
  const lastUsedMs = reader.number();
  const forgottenBelow = reader.number();
  const results = new Map<number, Uint8Array>();
  for (let count = reader.number(); count > 0; count--) {
    const sequence = reader.number();
    results.set(sequence, reader.bytes(reader.number()).slice());
  }
  return { lastUsedMs, forgottenBelow, results };
}

function forgetBelow(session: Session, sequence: number): void {
  // By number, not by walking the map: each is forgotten once, so the cost is constant a command.
  for (let at = session.forgottenBelow; at < sequence; at++) {
    if (session.results.size === 0) break;
    session.results.delete(at);
  }
  session.forgottenBelow = Math.max(session.forgottenBelow, sequence);
}

function smallest(numbers: Iterable<number>): number {
  let least = Number.POSITIVE_INFINITY;
  for (const number of numbers) least = Math.min(least, number);
  return least;
}

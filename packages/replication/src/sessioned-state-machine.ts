import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { ChunkSource } from "./chunk-source.ts";
import type { DurableState } from "./durable-state.ts";
import { decodeLogCommand } from "./log-command.ts";
import type { SessionCommand } from "./session.ts";
import { type SessionOptions, validatedSessionOptions } from "./session-options.ts";
import { SessionTable } from "./session-table.ts";
import type { Committed, StateMachine } from "./state-machine.ts";
import { ReplicationError } from "./replication-error.ts";

/** How one entry of the log ended. */
export type Applied =
  | { readonly kind: "result"; readonly result: Uint8Array }
  | { readonly kind: "session-opened"; readonly sessionId: number }
  | { readonly kind: "session-expired" };

/** A place in the log. */
interface Position {
  readonly index: number;
  readonly term: number;
}

/** The names of records beside a state that outlives the process. */
const POSITION = "log/position";
const SESSION = "log/session/";

/** A command whose result is still to come from the state machine. */
interface Fresh {
  readonly at: number;
  readonly session: SessionCommand | undefined;
}

const EXPIRED: Applied = { kind: "session-expired" };
const SIZE_BYTES = 8;

/**
 * A state machine behind a session table: each command of a session is applied once, however often it
 * stands in the log. Entries are `LogCommand`s.
 */
export class SessionedStateMachine<S extends StateMachine = StateMachine> {
  readonly machine: S;
  readonly #sessions: SessionTable;
  #position: Position | undefined;

  constructor(machine: S, options?: SessionOptions) {
    this.machine = machine;
    const { durable } = machine;
    this.#sessions = new SessionTable(validatedSessionOptions(options), durable !== undefined);
    const noted = durable?.get(POSITION);
    if (durable && noted) this.#position = this.#resume(durable, noted);
  }

  /**
   * Up to where a state that outlives the process has been applied: what the log has up to there is in
   * it, and nothing of what comes after. Undefined for other machines, and for one that holds nothing.
   */
  get position(): Position | undefined {
    return this.#position;
  }

  /** The latest time that the log has shown. */
  get timeMs(): number {
    return this.#sessions.timeMs;
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** `upTo` is the place of the last entry, or of one after it that changes nothing. */
  apply(entries: readonly Committed[], upTo?: Position): Applied[] {
    const { durable } = this.machine;
    const run = (): Applied[] => new Batch(this.machine, this.#sessions, entries).run();
    if (!durable || !upTo) return run();
    return durable.batch(() => {
      const applied = run();
      this.#note(durable, upTo);
      return applied;
    });
  }

  /** As `StateMachine.snapshot`; the view is fixed by this call. */
  snapshot(): AsyncIterable<Uint8Array> {
    return withSessions(this.#sessions.encode(), this.machine.snapshot());
  }

  /** As `StateMachine.restore`. */
  async restore(chunks: AsyncIterable<Uint8Array>, upTo?: Position): Promise<void> {
    const source = new ChunkSource(chunks);
    const size = new ByteReader(await source.take(SIZE_BYTES)).number();
    const sessions = await source.take(size);
    await this.machine.restore(source.rest());
    this.#sessions.decode(sessions);
    // Until this is noted, a crash leaves a state of which nobody knows where it ends: it is restored
    // again, from the same file.
    const { durable } = this.machine;
    if (durable && upTo) durable.batch(() => this.#note(durable, upTo));
  }

  #note(durable: DurableState, { index, term }: Position): void {
    for (const [id, session] of this.#sessions.changes()) {
      if (session) durable.set(SESSION + id, session);
      else durable.delete(SESSION + id);
    }
    const writer = new ByteWriter(24).number(index).number(term).number(this.#sessions.timeMs);
    durable.set(POSITION, writer.finish());
    this.#position = { index, term };
  }

  #resume(durable: DurableState, noted: Uint8Array): Position {
    const reader = new ByteReader(noted);
    const position = { index: reader.number(), term: reader.number() };
    const sessions = [...durable.startingWith(SESSION)].map(
      ([name, session]) => [Number(name.slice(SESSION.length)), session] as const,
    );
    this.#sessions.adopt(reader.number(), sessions);
    return position;
  }
}

async function* withSessions(
  sessions: Uint8Array,
  machine: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  yield new ByteWriter(SIZE_BYTES).number(sessions.length).finish();
  yield sessions;
  yield* machine;
}

/** Applies a run of entries, handing the state machine as many commands at a time as it can. */
class Batch {
  readonly #machine: StateMachine;
  readonly #sessions: SessionTable;
  readonly #entries: readonly Committed[];
  readonly #applied: Applied[] = [];
  #commands: Committed[] = [];
  #fresh: Fresh[] = [];
  /** Sequence numbers of any session: one that coincides only makes a batch shorter. */
  readonly #freshSequences = new Set<number>();

  constructor(machine: StateMachine, sessions: SessionTable, entries: readonly Committed[]) {
    this.#machine = machine;
    this.#sessions = sessions;
    this.#entries = entries;
  }

  run(): Applied[] {
    for (const [at, { index, command }] of this.#entries.entries()) this.#add(at, index, command);
    this.#flush();
    return this.#applied;
  }

  #add(at: number, index: number, bytes: Uint8Array): void {
    const entry = decodeLogCommand(bytes);
    switch (entry.kind) {
      case "plain":
        return this.#queue({ at, session: undefined }, { index, command: entry.command });
      case "session":
        this.#sessions.advanceTo(entry.timeMs);
        return this.#inSession(at, entry.session, { index, command: entry.command });
      case "open-session":
        // Opening may push out a session whose results are not kept yet.
        this.#flush();
        this.#sessions.advanceTo(entry.timeMs);
        this.#sessions.open(index);
        this.#applied[at] = { kind: "session-opened", sessionId: index };
    }
  }

  #inSession(at: number, session: SessionCommand, committed: Committed): void {
    // The first try may be in this very batch: its result must be known before the retry is looked up.
    if (this.#freshSequences.has(session.sequence)) this.#flush();
    const found = this.#sessions.look(session);
    if (found.kind === "new") this.#queue({ at, session }, committed);
    else
      this.#applied[at] =
        found.kind === "applied" ? { kind: "result", result: found.result } : EXPIRED;
  }

  #queue(fresh: Fresh, committed: Committed): void {
    this.#fresh.push(fresh);
    this.#commands.push(committed);
    if (fresh.session) this.#freshSequences.add(fresh.session.sequence);
  }

  #flush(): void {
    if (this.#commands.length === 0) return;
    const results = this.#machine.apply(this.#commands);
    if (results.length !== this.#commands.length) {
      throw new ReplicationError(
        "corrupt",
        `the state machine gave ${results.length} results to ${this.#commands.length} commands`,
      );
    }
    for (const [at, fresh] of this.#fresh.entries()) {
      const result = results[at]!;
      this.#applied[fresh.at] = { kind: "result", result };
      if (fresh.session) this.#sessions.remember(fresh.session, result);
    }
    this.#commands = [];
    this.#fresh = [];
    this.#freshSequences.clear();
  }
}

import type { Wal } from "../src/index.ts";

/** What a log should hold: the naive second implementation. */
export interface LogState {
  readonly firstIndex: number;
  readonly records: readonly string[];
}

export type Call =
  | { readonly kind: "append"; readonly records: readonly string[] }
  | { readonly kind: "truncateAfter"; readonly index: number }
  | { readonly kind: "dropBefore"; readonly index: number }
  | { readonly kind: "reset"; readonly nextIndex: number };

/**
 * A log as a list of all states that it went through, one a record or call. After a crash it must be
 * in one of those from the last acknowledged call on.
 */
export class LogModel {
  #states: LogState[];
  #acknowledged = 0;

  constructor(firstIndex = 1) {
    this.#states = [{ firstIndex, records: [] }];
  }

  get now(): LogState {
    return this.#states.at(-1)!;
  }

  /** Returns what to pass to `acknowledge` when the call's promise resolves. */
  call(call: Call): number {
    for (const step of steps(call)) this.#states.push(next(this.now, step));
    return this.#states.length - 1;
  }

  acknowledge(state: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, state);
  }

  /** Throws unless a log that crashed may be in state `found`; goes on from there. */
  restart(found: LogState): void {
    const text = JSON.stringify(found);
    const allowed = this.#states.slice(this.#acknowledged);
    if (!allowed.some((state) => JSON.stringify(state) === text)) {
      const list = allowed.map((state) => JSON.stringify(state)).join("\n  ");
      throw new Error(`the log holds\n  ${text}\nbut must be one of\n  ${list}`);
    }
    this.#states = [found];
    this.#acknowledged = 0;
  }
}

function steps(call: Call): Call[] {
  if (call.kind !== "append") return [call];
  return call.records.map((record) => ({ kind: "append", records: [record] }));
}

function next({ firstIndex, records }: LogState, call: Call): LogState {
  switch (call.kind) {
    case "append":
      return { firstIndex, records: [...records, ...call.records] };
    case "truncateAfter":
      return { firstIndex, records: records.slice(0, call.index - firstIndex + 1) };
    case "dropBefore":
      return { firstIndex: call.index, records: records.slice(call.index - firstIndex) };
    case "reset":
      return { firstIndex: call.nextIndex, records: [] };
    default:
      return call satisfies never;
  }
}

/** Makes `call`; resolves when it is durable. */
export async function make(wal: Wal, call: Call): Promise<void> {
  switch (call.kind) {
    case "append":
      await wal.append(call.records.map((record) => Buffer.from(record)));
      return;
    case "truncateAfter":
      return wal.truncateAfter(call.index);
    case "dropBefore":
      return wal.dropBefore(call.index);
    case "reset":
      return wal.reset(call.nextIndex);
    default:
      return call satisfies never;
  }
}

/** All that can be read from `wal`. */
export async function stateOf(wal: Wal): Promise<LogState> {
  const { firstIndex } = wal;
  const records: string[] = [];
  for await (const { index, record } of wal.read(firstIndex)) {
    if (index !== firstIndex + records.length) throw new Error(`index ${index} is out of order`);
    records.push(Buffer.from(record).toString());
  }
  if (wal.durableIndex !== firstIndex + records.length - 1) {
    throw new Error(`${records.length} records, but durableIndex is ${wal.durableIndex}`);
  }
  return { firstIndex, records };
}

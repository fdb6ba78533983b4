import { seededRandom } from "@quorate/runtime";
import { born, type Identity, NO_BALLOT, reborn, type Write } from "../src/index.ts";
import type { Frame } from "../src/register/core/frame.ts";
import type { Item } from "../src/register/core/item.ts";
import type { Current, Decision, Operation } from "../src/register/core/operation.ts";
import type { RegisterOutcome } from "../src/register/core/outcome.ts";
import type { Member, RegisterConfig } from "../src/register/core/register-config.ts";
import { RegisterCore, type RegisterCoreOptions } from "../src/register/core/register-core.ts";
import type { KeyState, RegisterRecord } from "../src/register/core/register-record.ts";

export interface Envelope {
  readonly from: string;
  readonly to: string;
  readonly message: Frame;
}

/** What a node's disk has, and the writes that are under way. */
interface RegisterDisk {
  identity: Identity | undefined;
  config: RegisterConfig;
  forgotten: RegisterConfig["forgotten"];
  keys: Map<string, KeyState>;
  pending: Write<RegisterRecord>[];
}

export const CORE_DEFAULTS: RegisterCoreOptions = {
  retransmitMs: 50,
  minBackoffMs: 10,
  maxBackoffMs: 500,
  collectAfterMs: 1_000_000,
  timeoutMs: 5_000,
  maxOperations: 1_000,
  maxPromisedKeys: 100,
  maxPromisedBytes: 1_000_000,
  cacheBytes: 1_000_000,
};

const FOR_EVER = Number.POSITIVE_INFINITY;

/** Cores whose messages, reads and writes happen when the test says so. */
export class RegisterCluster {
  readonly nodes: readonly string[];
  readonly cores = new Map<string, RegisterCore>();
  readonly disks = new Map<string, RegisterDisk>();
  readonly outcomes = new Map<Operation, RegisterOutcome<unknown>>();
  network: Envelope[] = [];
  readonly sent: Envelope[] = [];
  disksAreFast = true;
  delivers: (envelope: Envelope) => boolean = () => true;
  onSettled: (operation: Operation, outcome: RegisterOutcome<unknown>) => void = () => {};
  readonly #options: RegisterCoreOptions;
  readonly #seed: string;
  readonly #first: RegisterConfig;
  #boots = 0;

  constructor(
    nodes: readonly string[],
    options: Partial<RegisterCoreOptions> = {},
    seed = "test",
    members: readonly string[] = nodes,
  ) {
    this.nodes = nodes;
    this.#options = { ...CORE_DEFAULTS, ...options };
    this.#seed = seed;
    const first = members.map((node): Member => ({ node, birth: 0, joined: 0 }));
    this.#first = { epoch: 0, members: first, next: undefined, forgotten: NO_BALLOT };
    for (const id of nodes) this.wipe(id, true);
  }

  core(id: string): RegisterCore {
    return this.cores.get(id)!;
  }

  disk(id: string): RegisterDisk {
    return this.disks.get(id)!;
  }

  /** Starts a node from what is on its disk; what was not written is lost. */
  boot(id: string, isBootstrap = false): void {
    const disk = this.disk(id);
    const random = seededRandom(`${this.#seed}/${id}/${this.#boots++}`);
    disk.pending = [];
    disk.identity = disk.identity ? reborn(disk.identity) : born(id, isBootstrap, random);
    const { identity, config, forgotten } = disk;
    this.cores.set(id, new RegisterCore(this.#options, { identity, config, forgotten }, random));
  }

  /** A node loses its disk, and starts again. */
  wipe(id: string, isBootstrap = false): void {
    this.disks.set(id, {
      identity: undefined,
      config: this.#first,
      forgotten: NO_BALLOT,
      keys: new Map(),
      pending: [],
    });
    this.boot(id, isBootstrap);
  }

  /** Gives a node an input, and carries out what it wants. */
  act(id: string, input: (core: RegisterCore) => void): void {
    const core = this.core(id);
    input(core);
    const { messages, write, reads, settled } = core.ready();
    for (const { to, message } of messages) {
      const envelope = { from: id, to, message };
      this.network.push(envelope);
      this.sent.push(envelope);
    }
    for (const { operation, outcome } of settled) {
      this.outcomes.set(operation, outcome);
      this.onSettled(operation, outcome);
    }
    if (write) this.disk(id).pending.push(write);
    for (const key of reads) this.act(id, (each) => each.loaded(key, this.disk(id).keys.get(key)));
    if (this.disksAreFast) this.completeWrites(id);
  }

  /** The oldest `count` writes of a node reach its disk. */
  completeWrites(id: string, count = FOR_EVER): void {
    const disk = this.disk(id);
    for (let done = 0; done < count && disk.pending.length > 0; done++) {
      const write = disk.pending.shift()!;
      for (const record of write.records) store(disk, record);
      this.act(id, (core) => core.persisted(write.persisted()));
    }
  }

  deliver(envelope: Envelope): void {
    if (!this.delivers(envelope)) return;
    this.act(envelope.to, (core) => core.receive(envelope.from, envelope.message));
  }

  /** Delivers what is on its way, and what follows from it, until nothing is. */
  settle(): void {
    for (let next = this.network.shift(); next; next = this.network.shift()) this.deliver(next);
  }

  tick(id: string, ms: number): void {
    this.act(id, (core) => core.tick(ms));
  }

  /** Lets time pass on all nodes, in steps, and delivers what comes of it. */
  run(ms: number, stepMs = 10): void {
    this.settle();
    for (let passed = 0; passed < ms; passed += stepMs) {
      for (const id of this.nodes) this.tick(id, stepMs);
      this.settle();
    }
  }

  submit(id: string, operation: Operation): Operation {
    this.act(id, (core) => core.submit(operation));
    return operation;
  }

  outcomeOf(operation: Operation): RegisterOutcome<unknown> | undefined {
    return this.outcomes.get(operation);
  }

  /** Submits, and lets time pass until it has an outcome. */
  do(id: string, operation: Operation, withinMs = 10_000): unknown {
    this.submit(id, operation);
    for (let ms = 0; ms < withinMs && !this.outcomes.has(operation); ms += 100) this.run(100);
    return this.outcomes.get(operation);
  }

  /** All that was sent of a kind so far, a line for each node that was to get it. */
  sentOf<T extends Item["type"]>(type: T): (Extract<Item, { type: T }> & { to: string })[] {
    return this.sent.flatMap(({ to, message }) =>
      message.kind === "items"
        ? message.items.flatMap((item) => (item.type === type ? [{ ...item, to }] : []))
        : [],
    ) as never;
  }
}

function store(disk: RegisterDisk, record: RegisterRecord): void {
  if (record.kind === "reset") disk.keys.clear();
  else if (record.kind === "config") disk.config = record.config;
  else if (record.kind === "forgotten") disk.forgotten = record.ballot;
  else if (record.state) disk.keys.set(record.key, record.state);
  else disk.keys.delete(record.key);
}

/** Cuts off nodes from the others, both ways. */
export function isolated(...ids: string[]): (envelope: Envelope) => boolean {
  return ({ from, to }) => ids.includes(from) === ids.includes(to);
}

export function text(value: Uint8Array | undefined): string | null {
  return value === undefined ? null : new TextDecoder().decode(value);
}

export function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function made(
  key: string,
  kind: Operation["kind"],
  decide: (current: Current) => Decision<unknown>,
): Operation {
  return { key, kind, decide, deadlineMs: FOR_EVER };
}

export function read(key: string): Operation {
  return made(key, "read", ({ value }) => ({ kind: "keep", result: text(value) }));
}

export function put(key: string, value: string | null): Operation {
  const next = value === null ? undefined : bytes(value);
  return made(key, "write", (current) => ({
    kind: "change",
    value: next,
    result: () => (value === null ? current.value !== undefined : undefined),
  }));
}

export function append(key: string, more: string): Operation {
  return made(key, "write", ({ value }) => {
    const all = (text(value) ?? "") + more;
    return { kind: "change", value: bytes(all), result: () => all };
  });
}

export function compareAndSet(key: string, expected: string | null, update: string): Operation {
  return made(key, "write", ({ value }) =>
    text(value) === expected
      ? { kind: "change", value: bytes(update), result: () => true }
      : { kind: "keep", result: false },
  );
}

export function collect(key: string): Operation {
  return made(key, "collect", () => ({ kind: "keep", result: true }));
}

/** Writes again what is there, so that acceptors have it that had not. */
export function carry(key: string): Operation {
  return made(key, "write", () => ({ kind: "keep", result: true }));
}

import type {
  Command,
  CommandErrorCode,
  CommandResult,
  Compare,
  KeyValue,
  Operation,
  OperationResult,
  Put,
  Range,
} from "../src/index.ts";

/** A version of a key; a deletion has a `version` of 0. */
export type Version = KeyValue<string>;

class Refusal extends Error {
  readonly code: CommandErrorCode;

  constructor(code: CommandErrorCode) {
    super(code);
    this.code = code;
  }
}

/**
 * etcd's semantics written down a second time, as plainly as can be: an array of all versions, which
 * is searched from end to end and of which nothing is ever forgotten. Keys and values are ASCII.
 */
export class NaiveStore {
  revision = 1;
  compactRevision = 0;
  versions: Version[] = [];
  leases: Map<number, number> = new Map<number, number>();
  #wrote = false;

  command(command: Command<string>): CommandResult<string> {
    const before = { revision: this.revision, versions: [...this.versions] };
    this.#wrote = false;
    try {
      const result = this.#run(command);
      this.revision = this.#now();
      return result;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      Object.assign(this, before);
      return { kind: "refused", code: error.code };
    }
  }

  /** What the store held at a revision, in the order of the keys. */
  kvsAt(revision: number): Version[] {
    const latest = new Map<string, Version>();
    for (const each of this.versions) if (each.modRevision <= revision) latest.set(each.key, each);
    return [...latest.values()]
      .filter(({ version }) => version > 0)
      .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }

  #run(command: Command<string>): CommandResult<string> {
    const { revision } = this;
    switch (command.kind) {
      case "compact":
        if (command.revision <= this.compactRevision) throw new Refusal("compacted");
        if (command.revision > revision) throw new Refusal("future-revision");
        this.compactRevision = command.revision;
        return { kind: "compact", revision };
      case "grant-lease": {
        const { lease } = command;
        if (command.ttlSeconds > 9e9) throw new Refusal("lease-ttl-too-large");
        if (this.leases.has(lease)) throw new Refusal("lease-exists");
        const ttlSeconds = Math.max(2, command.ttlSeconds);
        this.leases.set(lease, ttlSeconds);
        return { kind: "grant-lease", revision, lease, ttlSeconds };
      }
      case "revoke-lease": {
        if (!this.leases.delete(command.lease)) throw new Refusal("lease-not-found");
        const gone = this.kvsAt(Infinity).filter(({ lease }) => lease === command.lease);
        for (const { key } of gone) this.#delete(key);
        return { kind: "revoke-lease", revision: this.#now(), deleted: gone.length };
      }
      case "disarm":
        return { kind: "disarm", revision, disarmed: false };
      case "put":
        if (command.lease && !this.leases.has(command.lease)) throw new Refusal("lease-not-found");
        return this.#operate(command, []);
      case "delete":
      case "range":
        return this.#operate(command, []);
      case "transaction": {
        const before = this.kvsAt(Infinity);
        const chosen = this.#chosen(command, before);
        for (const each of chosen) {
          if (each.kind !== "put") continue;
          const exists = before.some(({ key }) => key === each.key);
          if ((each.ignoreValue || each.ignoreLease) && !exists) throw new Refusal("key-not-found");
          if (each.lease && !this.leases.has(each.lease)) throw new Refusal("lease-not-found");
        }
        for (const each of chosen) if (each.kind === "range") this.#checkReadable(each);
        return this.#operate(command, before);
      }
    }
  }

  /** The simple operations that a transaction will do, in order. */
  #chosen(operation: Operation<string>, before: readonly Version[]): Operation<string>[] {
    if (operation.kind !== "transaction") return [operation];
    return this.#branch(operation, before).flatMap((each) => this.#chosen(each, before));
  }

  #branch(
    transaction: Extract<Operation<string>, { kind: "transaction" }>,
    before: readonly Version[],
  ): readonly Operation<string>[] {
    const holds = transaction.compares.every((compare) => this.#holds(compare, before));
    return holds ? transaction.success : transaction.failure;
  }

  /** `before` is the state that compares look at. */
  #operate(operation: Operation<string>, before: readonly Version[]): OperationResult<string> {
    switch (operation.kind) {
      case "put":
        return this.#put(operation);
      case "delete": {
        const gone = within(operation, this.kvsAt(Infinity));
        for (const { key } of gone) this.#delete(key);
        const prevKvs = operation.prevKv ? gone : [];
        return { kind: "delete", revision: this.#now(), deleted: gone.length, prevKvs };
      }
      case "range":
        this.#checkReadable(operation);
        return this.#range(operation);
      case "transaction": {
        const branch = this.#branch(operation, before);
        const succeeded = operation.compares.every((compare) => this.#holds(compare, before));
        const results = branch.map((each) => this.#operate(each, before));
        return { kind: "transaction", revision: this.#now(), succeeded, results };
      }
    }
  }

  #put(put: Put<string>): OperationResult<string> {
    const old = this.kvsAt(Infinity).find(({ key }) => key === put.key);
    if ((put.ignoreValue || put.ignoreLease) && !old) throw new Refusal("key-not-found");
    this.#wrote = true;
    this.versions.push({
      key: put.key,
      value: put.ignoreValue ? old!.value : put.value,
      createRevision: old?.createRevision ?? this.#now(),
      modRevision: this.#now(),
      version: (old?.version ?? 0) + 1,
      lease: put.ignoreLease ? old!.lease : (put.lease ?? 0),
    });
    return { kind: "put", revision: this.#now(), prevKv: put.prevKv ? old : undefined };
  }

  #delete(key: string): void {
    this.#wrote = true;
    const modRevision = this.#now();
    this.versions.push({ key, value: "", createRevision: 0, modRevision, version: 0, lease: 0 });
  }

  #checkReadable({ revision = 0 }: Range<string>): void {
    if (revision > this.#now()) throw new Refusal("future-revision");
    if (revision > 0 && revision < this.compactRevision) throw new Refusal("compacted");
  }

  #range(range: Range<string>): OperationResult<string> {
    const { minModRevision = 0, minCreateRevision = 0 } = range;
    const maxModRevision = range.maxModRevision || Infinity;
    const maxCreateRevision = range.maxCreateRevision || Infinity;
    const all = within(range, this.kvsAt(range.revision || Infinity));
    const revision = this.#now();
    if (range.countOnly) {
      return { kind: "range", revision, kvs: [], more: false, count: all.length };
    }
    const some = all.filter(
      (kv) =>
        kv.modRevision >= minModRevision &&
        kv.modRevision <= maxModRevision &&
        kv.createRevision >= minCreateRevision &&
        kv.createRevision <= maxCreateRevision,
    );
    const { target, order } = range.sort ?? { target: "key", order: "ascending" };
    const sign = order === "ascending" ? 1 : -1;
    some.sort((a, b) => (a[target] < b[target] ? -sign : a[target] > b[target] ? sign : 0));
    const kvs = range.limit ? some.slice(0, range.limit) : some;
    return {
      kind: "range",
      revision,
      kvs: range.keysOnly ? kvs.map((kv) => ({ ...kv, value: "" })) : kvs,
      more: kvs.length < some.length,
      count: all.length,
    };
  }

  #holds(compare: Compare<string>, before: readonly Version[]): boolean {
    const missing = { value: "", createRevision: 0, modRevision: 0, version: 0, lease: 0 };
    const found = within(compare, before);
    if (found.length === 0 && compare.target === "value") return false;
    return (found.length > 0 ? found : [missing]).every((kv) => {
      const [a, b] = [kv[compare.target], compare.operand];
      if (compare.relation === "=") return a === b;
      if (compare.relation === "!=") return a !== b;
      return compare.relation === "<" ? a < b : a > b;
    });
  }

  #now(): number {
    return this.revision + (this.#wrote ? 1 : 0);
  }
}

function within(
  { key, rangeEnd = "" }: { readonly key: string; readonly rangeEnd?: string },
  kvs: readonly Version[],
): Version[] {
  return kvs.filter((kv) =>
    rangeEnd === "" ? kv.key === key : kv.key >= key && (rangeEnd === "\0" || kv.key < rangeEnd),
  );
}

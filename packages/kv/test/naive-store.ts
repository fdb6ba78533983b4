import type { Compare, KeyValue, Operation, OperationResult, Range } from "../src/index.ts";

type Text = KeyValue<string>;

/**
 * etcd's semantics written down a second time, as plainly as can be: an array that is searched from
 * end to end. Keys and values are ASCII.
 */
export class NaiveStore {
  revision = 1;
  kvs: Text[] = [];
  #wrote = false;

  command(operation: Operation<string>): OperationResult<string> {
    this.#wrote = false;
    const result = this.#run(operation, new NaiveStore().#copyOf(this));
    this.revision = this.#now();
    return result;
  }

  #now(): number {
    return this.revision + (this.#wrote ? 1 : 0);
  }

  #copyOf(other: NaiveStore): NaiveStore {
    this.kvs = [...other.kvs];
    this.revision = other.revision;
    return this;
  }

  /** `before` is the state that compares look at. */
  #run(operation: Operation<string>, before: NaiveStore): OperationResult<string> {
    if (operation.kind === "put") {
      const old = this.kvs.find(({ key }) => key === operation.key);
      this.#wrote = true;
      const made = {
        key: operation.key,
        value: operation.value,
        createRevision: old?.createRevision ?? this.#now(),
        modRevision: this.#now(),
        version: (old?.version ?? 0) + 1,
      };
      this.kvs = [...this.kvs.filter(({ key }) => key !== made.key), made];
      return { kind: "put", revision: this.#now(), prevKv: operation.prevKv ? old : undefined };
    }
    if (operation.kind === "delete") {
      const gone = this.#within(operation);
      this.#wrote ||= gone.length > 0;
      this.kvs = this.kvs.filter((kv) => !gone.includes(kv));
      const prevKvs = operation.prevKv ? gone : [];
      return { kind: "delete", revision: this.#now(), deleted: gone.length, prevKvs };
    }
    if (operation.kind === "range") return this.#range(operation);
    const succeeded = operation.compares.every((compare) => before.#holds(compare));
    const branch = succeeded ? operation.success : operation.failure;
    const results = branch.map((each) => this.#run(each, before));
    return { kind: "transaction", revision: this.#now(), succeeded, results };
  }

  #range(range: Range<string>): OperationResult<string> {
    const all = this.#within(range);
    const revision = this.#now();
    if (range.countOnly) {
      return { kind: "range", revision, kvs: [], more: false, count: all.length };
    }
    const { target, order } = range.sort ?? { target: "key", order: "ascending" };
    const sign = order === "ascending" ? 1 : -1;
    all.sort((a, b) => (a[target] < b[target] ? -sign : a[target] > b[target] ? sign : 0));
    const kvs = range.limit ? all.slice(0, range.limit) : all;
    return {
      kind: "range",
      revision,
      kvs: range.keysOnly ? kvs.map((kv) => ({ ...kv, value: "" })) : kvs,
      more: kvs.length < all.length,
      count: all.length,
    };
  }

  #within({ key, rangeEnd = "" }: { key: string; rangeEnd?: string }): Text[] {
    return this.kvs
      .filter((kv) =>
        rangeEnd === ""
          ? kv.key === key
          : kv.key >= key && (rangeEnd === "\0" || kv.key < rangeEnd),
      )
      .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }

  #holds(compare: Compare<string>): boolean {
    const missing = { key: "", value: "", createRevision: 0, modRevision: 0, version: 0 };
    const found = this.#within(compare);
    if (found.length === 0 && compare.target === "value") return false;
    return (found.length > 0 ? found : [missing]).every((kv) => {
      const [a, b] = [kv[compare.target], compare.operand];
      if (compare.relation === "=") return a === b;
      if (compare.relation === "!=") return a !== b;
      return compare.relation === "<" ? a < b : a > b;
    });
  }
}

import type { CoordinationStore, StoreCall } from "../src/index.ts";

/** What becomes of a call on its way. */
export type Fate =
  | "answered"
  /** It never arrives, and nobody says so. */
  | "lost"
  /** It takes effect, and the answer never comes. */
  | "answer-lost"
  | "refused"
  /** It arrives when the promise resolves. */
  | Promise<void>;

/** One client's way to a store, on which a test decides what happens to each call. */
export class FlakyStore {
  readonly calls: string[] = [];
  /** Asked for each call, by the method's name. */
  fate: (method: keyof CoordinationStore) => Fate = () => "answered";

  /** The store as this client sees it. */
  to(store: CoordinationStore): CoordinationStore {
    return new Proxy(store, {
      get: (target, method: keyof CoordinationStore) => {
        const value: unknown = Reflect.get(target, method, target);
        if (typeof value !== "function") return value;
        return async (...values: unknown[]): Promise<unknown> => {
          this.calls.push(method);
          const run = (): Promise<unknown> => Reflect.apply(value, target, values);
          return this.#carry(this.fate(method), run, values.at(-1) as StoreCall | undefined);
        };
      },
    });
  }

  async #carry(fate: Fate, run: () => Promise<unknown>, call?: StoreCall): Promise<unknown> {
    if (fate === "answered") return run();
    if (fate === "refused") throw new Error("connection refused");
    if (fate === "answer-lost") void run().catch(() => {});
    else if (fate !== "lost") await fate;
    if (typeof fate !== "string") return run();
    return new Promise((_, reject) => {
      call?.signal?.addEventListener("abort", () => reject(new Error("given up")));
    });
  }
}

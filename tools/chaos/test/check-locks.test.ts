import { LockLost, type LossCause } from "@quorate/distributed-lock";
import { describe, expect, it } from "vitest";
import { AskedWrites } from "../src/workloads/asked-writes.ts";
import { checkLocks } from "../src/workloads/check-locks.ts";
import { LockHistory } from "../src/workloads/lock-history.ts";
import type { ToldPut } from "../src/workloads/prefix-watcher.ts";

/** A lock `m` as a client has it, valid until it is lost. */
class Held {
  readonly name = "m";
  readonly token: bigint;
  validUntil = 100;
  readonly #lost = new AbortController();

  constructor(token: number) {
    this.token = BigInt(token);
  }

  get isValid(): boolean {
    return !this.#lost.signal.aborted;
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  lose(cause: LossCause): void {
    this.#lost.abort(new LockLost(cause, "made up"));
  }
}

/** A run that is made up: who got the lock, what they wrote, and what of it is there. */
class Run {
  nowMs = 0;
  #sequence = 0;
  readonly #told: ToldPut[] = [];
  readonly #now = (): number => this.#sequence++;
  readonly history = new LockHistory(this.#now, { now: () => this.nowMs });
  readonly #writes = new AskedWrites(this.#now);

  get(client: string, token: number): Held {
    const held = new Held(token);
    this.history.granted(this.history.asks(client, "m"), held);
    return held;
  }

  release(client: string, held: Held): void {
    const release = this.history.releases(client, held);
    if (release !== undefined) this.history.released(release);
  }

  write(client: string, held: Held, told: "accepted" | "refused"): void {
    const text = `${client}.${this.#sequence}`;
    const asked = this.#writes.asks(text);
    this.history.used(this.history.uses(client, held), told);
    this.#writes.settle(asked, told === "accepted");
    if (told === "accepted") this.store(held, text);
  }

  /** What the store has of it. */
  store({ token }: Held, text: string): void {
    const revision = this.#told.length + 1;
    this.#told.push({ key: "guarded/m", value: `${token} ${text}`, revision });
  }

  get violations(): readonly string[] {
    const { operations } = this.history;
    const { violations } = checkLocks({ operations, asked: this.#writes.writes, told: this.#told });
    return [...this.history.violations, ...violations];
  }
}

describe("checkLocks", () => {
  it("one after the other, and late writes of one that lost it refused: fine", () => {
    const run = new Run();
    const first = run.get("a", 3);
    run.write("a", first, "accepted");
    run.release("a", first);
    const second = run.get("b", 5);
    run.write("b", second, "accepted");
    second.lose("unreachable");
    const third = run.get("c", 9);
    run.write("b", second, "accepted"); // late, and nobody has written since
    run.write("c", third, "accepted");
    run.write("b", second, "refused");
    run.history.abandons(third);
    run.release("d", run.get("d", 10));
    expect(run.violations).toEqual([]);
    expect(run.history.losses).toEqual({ unreachable: 1, expired: 0, revoked: 0 });
  });

  it("outcomes that are not known may be either", () => {
    const run = new Run();
    const first = run.get("a", 3);
    run.history.uses("a", first); // no answer
    run.history.releases("a#1", first); // no answer
    const second = run.get("b", 4);
    run.history.notGranted(run.history.asks("c", "m"));
    run.write("b", second, "accepted");
    expect(run.violations).toEqual([]);
  });

  it("a mutant: the fence is not compared, so an older token's write comes after a newer one's", () => {
    const run = new Run();
    const first = run.get("a", 3);
    first.lose("unreachable");
    run.write("b", run.get("b", 4), "accepted");
    run.write("a", first, "accepted");
    expect(run.violations).toEqual([
      'm: nothing explains {"op":"use","key":"m","value":3}',
      expect.stringMatching(/^m: a\.\d+ of token 3 came after 4$/),
    ]);
  });

  it("the same, when its writer was never told what became of it", () => {
    const run = new Run();
    const first = run.get("a", 3);
    first.lose("unreachable");
    run.write("b", run.get("b", 4), "accepted");
    run.history.uses("a", first);
    run.store(first, "late");
    expect(run.violations).toContain("m: late of token 3 came after 4");
  });

  it("a mutant: tokens come from elsewhere, and one is not above those before it", () => {
    const run = new Run();
    run.release("a", run.get("a", 7));
    run.release("b", run.get("b", 6));
    expect(run.violations).toHaveLength(1);
  });

  it("a mutant: the lock is given to another while its holder may count on it", () => {
    const run = new Run();
    run.get("a", 3);
    run.get("b", 4);
    expect(run.violations).toHaveLength(1);
  });

  it("a mutant: the holder's write is refused although nobody holds a newer token", () => {
    const run = new Run();
    run.write("a", run.get("a", 3), "refused");
    expect(run.violations).toHaveLength(1);
  });

  it("a mutant: an accepted write is not there", () => {
    const run = new Run();
    const held = run.get("a", 3);
    run.write("a", held, "accepted");
    const { operations } = run.history;
    const asked = [{ name: "a.1", call: 0, return: 1 }];
    const { violations } = checkLocks({ operations, asked, told: [] });
    expect(violations).toEqual(["a.1 was never told"]);
  });

  it("a mutant: the store ends a session before the time that its holder was promised", () => {
    const run = new Run();
    const early = run.get("a", 3);
    run.nowMs = 60;
    early.validUntil = 150;
    run.history.look();
    early.lose("expired");
    run.nowMs = 120;
    run.history.look();
    expect(run.violations).toEqual(["m, token 3: the store ended its session 30 ms too early"]);
  });
});

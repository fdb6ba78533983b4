import type { MutantsOfTarget } from "@quorate/sim";

const SRC = "packages/distributed-lock/src";

const mutants: MutantsOfTarget = {
  target: "lock",
  maxSeeds: 200,
  mutants: [
    {
      bug: "Jepsen's waiter: one that is woken holds the lock, without looking",
      file: `${SRC}/core/acquisition-core.ts`,
      original: '    return [{ kind: "ask" }];\n  }\n\n  /** The store did',
      planted: "    return this.#consider([]);\n  }\n\n  /** The store did",
    },
    {
      bug: "a session's deadline counts from the answer, not from the request",
      file: `${SRC}/session/driven-session.ts`,
      original: "this.#core.renewed(sentAtMs, renewal.ttlMs, clock.now())",
      planted: "this.#core.renewed(clock.now(), renewal.ttlMs, clock.now())",
    },
    {
      bug: "clocks are taken to run alike",
      file: `${SRC}/core/session-core.ts`,
      original: "* (1 - maxClockDrift);",
      planted: "* (1 - 0 * maxClockDrift);",
    },
    {
      bug: "tokens begin anew when a queue has run empty",
      file: `${SRC}/core/store-state.ts`,
      original: "const token = ++this.#lastToken;",
      planted: "const token = (this.#queues.get(queue)?.at(-1)?.token ?? 0n) + 1n;",
    },
    {
      bug: "tokens are not monotonic after a failover",
      file: `${SRC}/core/store-state.ts`,
      original: "  failOver(nowMs: number): void {\n",
      planted: "  failOver(nowMs: number): void {\n    this.#lastToken -= this.#lastToken / 4n;\n",
    },
    {
      bug: "waiters watch whoever is first, all of them, and not their predecessor",
      file: `${SRC}/core/store-state.ts`,
      original:
        "for (let at = indexOf(others, token) - 1; at >= 0 && ahead.length < limit; at--) {",
      planted: "for (let at = 0; at < indexOf(others, token) && ahead.length < limit; at++) {",
    },
    {
      bug: "a waiter for a permit watches one of the holders only",
      file: `${SRC}/acquire/acquisition.ts`,
      original: "for (const ref of refs) {",
      planted: "for (const ref of refs.slice(0, 1)) {",
    },
    {
      bug: "a release takes out whoever has the place by now",
      file: `${SRC}/core/store-state.ts`,
      original: "(token !== undefined && contender.token !== token)",
      planted: "(token === -1n && contender.token !== token)",
    },
    {
      bug: "a release takes out whoever is first",
      file: `${SRC}/core/store-state.ts`,
      original: "    session.contenders.delete(key);\n    this.#remove(contender);",
      planted:
        "    session.contenders.delete(key);\n    this.#remove(this.#queues.get(contender.queue)![0]!);",
    },
    {
      bug: "a clean release is left to the session's end, with its lock-delay",
      file: `${SRC}/acquire/hold.ts`,
      original: "    const left = this.#leave();",
      planted: "    const left = Promise.resolve();",
    },
    {
      bug: "after an unclean loss the lock-delay is skipped",
      file: `${SRC}/session/session-pool.ts`,
      original: "const wholeMs = times.ttlMs + times.lockDelayMs;",
      planted: "const wholeMs = times.ttlMs + 1;",
    },
    {
      bug: "a reader passes a waiting writer",
      file: `${SRC}/core/store-state.ts`,
      original: 'if (roles === "any" || role === "exclusive") ahead.push(ref);',
      planted:
        'if (roles === "any" || (role === "exclusive" && (at === 0 || others.every((o) => o.role === role)))) ahead.push(ref);',
    },
    {
      bug: "a writer waits for writers only",
      file: `${SRC}/recipes/blockers.ts`,
      original: 'return role === "shared" ? BY_WRITERS : BY_ANYBODY;',
      planted: "return BY_WRITERS;",
    },
    {
      bug: "one permit too many",
      file: `${SRC}/core/acquisition-core.ts`,
      original: "if (ahead.length < this.#blockers.limit) {",
      planted: "if (ahead.length < this.#blockers.limit || ahead.length === 2) {",
    },
    {
      bug: "a wait that is given up leaves its contender behind",
      file: `${SRC}/core/acquisition-core.ts`,
      original: ': this.#leave({ kind: "given-up" });',
      planted: ': this.#end({ kind: "given-up" });',
    },
    {
      bug: "a join that ended unknown is left for now, not for good",
      file: `${SRC}/core/store-state.ts`,
      original: "if (token === undefined) session.refused.add(key);",
      planted: "",
    },
    {
      bug: "a leave that was not answered is not tried again",
      file: `${SRC}/session/driven-session.ts`,
      original:
        "    while (!over.aborted) {\n      try {\n        await request(clock, requestTimeoutMs, over, (call) => store.leave(",
      planted:
        "    for (let once = 0; once < 1; once++) {\n      try {\n        await request(clock, requestTimeoutMs, over, (call) => store.leave(",
    },
    {
      bug: "a place is used again although a join of it may be under way",
      file: `${SRC}/session/driven-session.ts`,
      original: "if (token === undefined) this.#places.burn();",
      planted: "if (token === -1n) this.#places.burn();",
    },
    {
      bug: "a fenced resource takes the last token for the newest",
      file: `${SRC}/fenced-resource.ts`,
      original: "if (token < largestSeen) return ref !== undefined && this.#together.has(ref);",
      planted: "if (token < largestSeen - 1n) return ref !== undefined && this.#together.has(ref);",
    },
  ],
};

export default mutants;

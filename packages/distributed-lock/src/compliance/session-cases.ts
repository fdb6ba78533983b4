import { describe, expect, it } from "vitest";
import { idsOf, NOBODY, type StoreFactory, withStore } from "./store-under-test.ts";

export function sessionCases(factory: StoreFactory): void {
  describe("sessions", () => {
    it(
      "each has an id of its own that may stand in a key, and at least the time that it asked for",
      withStore(factory, async (workshop) => {
        const { store, session } = await workshop.member();
        const other = await store.openSession(workshop.minTtlMs);
        expect(other.id).not.toBe(session);
        for (const id of [session, other.id]) expect(id).toMatch(/^[\w-]{1,64}$/);
        expect(other.ttlMs).toBeGreaterThanOrEqual(workshop.minTtlMs);
      }),
    );

    it(
      "one that nobody renews ends, for good, and its contenders go with it",
      withStore(factory, async (workshop) => {
        const queue = workshop.queue();
        const watcher = await workshop.member();
        const doomed = await workshop.member(workshop.minTtlMs);
        const place = doomed.place(queue);
        const { ref } = await doomed.join(place);
        await workshop.passUntil(watcher.store.whenGone(queue, ref));
        expect(await watcher.store.contenders(queue, 10)).toEqual([]);
        expect(await doomed.store.keepAlive(doomed.session)).toBe("expired");
        expect(await doomed.tryJoin(place)).toBe("refused");
        expect(await doomed.store.standing(place, NOBODY)).toBe("gone");
      }),
    );

    it(
      "one that is renewed in time goes on beyond its first end",
      withStore(factory, async (workshop) => {
        const queue = workshop.queue();
        const { minTtlMs } = workshop;
        const member = await workshop.member(minTtlMs);
        const place = member.place(queue);
        await member.join(place);
        for (let passedMs = 0; passedMs < 2 * minTtlMs; passedMs += minTtlMs / 4) {
          await workshop.pass(minTtlMs / 4);
          const renewal = await member.store.keepAlive(member.session);
          expect(renewal).toMatchObject({ ttlMs: expect.any(Number) as number });
        }
        expect(idsOf(await member.store.contenders(queue, 10))).toEqual([place.id]);
      }),
    );

    it(
      "one that is closed takes its contenders with it at once; closing it again is no error",
      withStore(factory, async (workshop) => {
        const [a, b] = [workshop.queue("a"), workshop.queue("b")];
        const watcher = await workshop.member();
        const closing = await workshop.member();
        await closing.join(closing.place(a));
        await closing.join(closing.place(a, 1));
        await closing.join(closing.place(b, 0, "shared"));
        await closing.store.closeSession(closing.session);
        await closing.store.closeSession(closing.session);
        expect(await watcher.store.contenders(a, 10)).toEqual([]);
        expect(await watcher.store.contenders(b, 10)).toEqual([]);
        expect(await closing.store.keepAlive(closing.session)).toBe("expired");
      }),
    );
  });
}

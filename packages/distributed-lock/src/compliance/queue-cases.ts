import { describe, expect, it } from "vitest";
import {
  EVERYBODY,
  idsOf,
  NOBODY,
  type StoreFactory,
  withStore,
  type Workshop,
} from "./store-under-test.ts";

export function queueCases(factory: StoreFactory): void {
  describe("queues", () => {
    it(
      "contenders stand in the order in which they joined, and their tokens grow with it",
      withStore(factory, async (workshop) => {
        const queue = workshop.queue();
        const [ada, bob] = [await workshop.member(), await workshop.member()];
        const first = await ada.join(ada.place(queue));
        const second = await bob.join(bob.place(queue));
        const third = await ada.join(ada.place(queue, 1));
        expect(first.ahead).toEqual([]);
        expect(second.ahead).toEqual([first.ref]);
        expect(third.ahead).toEqual([second.ref]);
        expect(first.token).toBeGreaterThanOrEqual(1n);
        expect(second.token).toBeGreaterThan(first.token);
        expect(third.token).toBeGreaterThan(second.token);
      }),
    );

    it(
      "tokens grow for as long as the store lives, also when the queue was empty in between",
      withStore(factory, async (workshop) => {
        const queue = workshop.queue();
        let last = 0n;
        for (let round = 0; round < 3; round++) {
          const member = await workshop.member();
          for (let again = 0; again < 2; again++) {
            const place = member.place(queue);
            const { token } = await member.join(place);
            expect(token).toBeGreaterThan(last);
            last = token;
            await member.store.leave(place, token);
          }
          await member.store.closeSession(member.session);
        }
      }),
    );

    it(
      "joining again, as after an answer that was lost, gives the same place and token",
      withStore(factory, async (workshop) => {
        const queue = workshop.queue();
        const [ada, bob] = [await workshop.member(), await workshop.member()];
        const place = ada.place(queue);
        const first = await ada.join(place);
        await bob.join(bob.place(queue));
        expect(await ada.join(place)).toEqual(first);
        expect(await ada.store.contenders(queue, 10)).toHaveLength(2);
      }),
    );

    it(
      "who is ahead: the nearest first, as many as asked for, of the roles asked for",
      withStore(factory, async (workshop) => {
        const queue = workshop.queue();
        const ada = await workshop.member();
        const places = [
          ada.place(queue, 0),
          ada.place(queue, 1, "shared"),
          ada.place(queue, 2),
          ada.place(queue, 3, "shared"),
        ];
        const refs: string[] = [];
        for (const place of places) refs.push((await ada.join(place)).ref);
        const bob = await workshop.member();
        const last = bob.place(queue, 0, "shared");
        const [w0, r1, w2, r3] = refs;
        const joined = await bob.join(last, { blockers: { roles: "exclusive", limit: 9 } });
        expect(joined).toMatchObject({ ahead: [w2, w0] });
        const ahead = async (roles: "any" | "exclusive", limit: number): Promise<unknown> =>
          bob.store.standing(last, { roles, limit });
        expect(await ahead("any", 9)).toEqual({ ahead: [r3, w2, r1, w0] });
        expect(await ahead("any", 2)).toEqual({ ahead: [r3, w2] });
        expect(await ahead("exclusive", 1)).toEqual({ ahead: [w2] });
        expect(await ahead("any", 0)).toEqual({ ahead: [] });
      }),
    );

    it(
      "queues whose names begin alike have nothing to do with each other",
      withStore(factory, async (workshop) => {
        const names = ["a", "ab", "a/b", "a/b/c", "a.b", "ä 🔒", "a%2Fb"];
        const ada = await workshop.member();
        for (const name of names) {
          const { ahead } = await ada.join(ada.place(workshop.queue(name)));
          expect(ahead).toEqual([]);
        }
        for (const name of names) {
          const there = await ada.store.contenders(workshop.queue(name), 10);
          expect(there).toMatchObject([{ queue: workshop.queue(name), id: ada.session }]);
        }
      }),
    );

    it(
      "others see who contends at once, in order, with token, role and metadata, as many as asked for",
      withStore(factory, async (workshop) => {
        const queue = workshop.queue();
        const [ada, bob] = [await workshop.member(), await workshop.member()];
        const metadata = `über "order/7"\n${"é".repeat(2_000)}`;
        const first = await ada.join(ada.place(queue), { metadata });
        const second = await bob.join(bob.place(queue, 3, "shared"));
        const all = [
          { ...ada.place(queue), token: first.token, ref: first.ref, metadata },
          { ...bob.place(queue, 3, "shared"), token: second.token, ref: second.ref, metadata: "" },
        ];
        const other = (await workshop.member()).store;
        expect(await other.contenders(queue, 10)).toEqual(all);
        expect(await other.contenders(queue, 1)).toEqual(all.slice(0, 1));
        expect(await other.contenders(workshop.queue("empty"), 1)).toEqual([]);
      }),
    );

    it(
      "of fifty that join at once from three clients, each has a place of its own in one order",
      withStore(factory, async (workshop) => {
        const queue = workshop.queue();
        const members = [await workshop.member(), await workshop.member(), await workshop.member()];
        const joined = await Promise.all(
          Array.from({ length: 50 }, async (_, at) => {
            const member = members[at % members.length]!;
            const place = member.place(queue, at);
            return { id: place.id, ...(await member.join(place)) };
          }),
        );
        const inOrder = joined.toSorted((a, b) => Number(a.token - b.token));
        expect(new Set(joined.map(({ token }) => token)).size).toBe(50);
        expect(idsOf(await members[0]!.store.contenders(queue, 99))).toEqual(
          inOrder.map(({ id }) => id),
        );
        for (const [at, { ahead }] of inOrder.entries()) {
          expect(ahead).toEqual(at === 0 ? [] : [inOrder[at - 1]!.ref]);
        }
      }),
    );
  });
  leaveCases(factory);
}

function leaveCases(factory: StoreFactory): void {
  describe("leaving", () => {
    it(
      "takes out that contender only, whatever else its session has; twice is no error",
      withStore(factory, async (workshop) => {
        const queue = workshop.queue();
        const ada = await workshop.member();
        const [first, second] = [ada.place(queue), ada.place(queue, 1)];
        const { token } = await ada.join(first);
        await ada.join(second);
        await ada.store.leave(first, token);
        await ada.store.leave(first, token);
        expect(await ada.store.standing(first, NOBODY)).toBe("gone");
        expect(await ada.store.standing(second, EVERYBODY)).toEqual({ ahead: [] });
      }),
    );

    it(
      "with the token of an earlier contender takes out no later one of the same place",
      withStore(factory, async (workshop) => {
        const queue = workshop.queue();
        const ada = await workshop.member();
        const place = ada.place(queue);
        const { token } = await ada.join(place);
        await ada.store.leave(place, token);
        await ada.join(place);
        await ada.store.leave(place, token);
        expect(await ada.store.standing(place, NOBODY)).toEqual({ ahead: [] });
      }),
    );

    it(
      "without a token is final: what joined is out, and a join that comes later is refused",
      withStore(factory, async (workshop) => {
        const queue = workshop.queue();
        const ada = await workshop.member();
        const [joined, late] = [ada.place(queue), ada.place(queue, 1)];
        await ada.join(joined);
        for (const place of [joined, late]) {
          await ada.store.leave(place, undefined);
          expect(await ada.tryJoin(place)).toBe("refused");
        }
        expect(await ada.store.contenders(queue, 10)).toEqual([]);
        expect(await ada.join(ada.place(queue, 2))).toMatchObject({ ahead: [] });
      }),
    );

    it("somebody else may take a contender out", withStore(factory, forcedOut));
  });
}

async function forcedOut(workshop: Workshop): Promise<void> {
  const queue = workshop.queue();
  const [ada, bob] = [await workshop.member(), await workshop.member()];
  await ada.join(ada.place(queue));
  const { ahead } = await bob.join(bob.place(queue));
  expect(ahead).toHaveLength(1);
  const [holder] = await bob.store.contenders(queue, 1);
  await bob.store.leave(holder!, holder!.token);
  expect(await bob.store.standing(bob.place(queue), EVERYBODY)).toEqual({ ahead: [] });
  expect(await ada.store.standing(ada.place(queue), EVERYBODY)).toBe("gone");
  expect(await ada.store.keepAlive(ada.session)).not.toBe("expired");
}

import { describe, expect, it } from "vitest";
import { type StoreFactory, withStore } from "./store-under-test.ts";

export function waitingCases(factory: StoreFactory): void {
  describe("waiting", () => {
    it(
      "for somebody who is not there ends at once",
      withStore(factory, async (workshop) => {
        const queue = workshop.queue();
        const ada = await workshop.member();
        const { ref, token } = await ada.join(ada.place(queue));
        await ada.store.leave(ada.place(queue), token);
        await expect(ada.store.whenGone(queue, ref)).resolves.toBeUndefined();
      }),
    );

    it(
      "for a contender that left ends, although another has its id by now",
      withStore(factory, async (workshop) => {
        const queue = workshop.queue();
        const ada = await workshop.member();
        const { ref, token } = await ada.join(ada.place(queue));
        const gone = ada.store.whenGone(queue, ref);
        await ada.store.leave(ada.place(queue), token);
        const again = await ada.join(ada.place(queue));
        expect(again.ref).not.toBe(ref);
        await expect(gone).resolves.toBeUndefined();
        await expect(ada.store.whenGone(queue, ref)).resolves.toBeUndefined();
      }),
    );

    it(
      "for a contender ends when it leaves, for all who wait, and for nobody who waits for another",
      withStore(factory, async (workshop) => {
        const queue = workshop.queue();
        const [ada, bob] = [await workshop.member(), await workshop.member()];
        const place = ada.place(queue);
        const { token, ref } = await ada.join(place);
        const other = await bob.join(bob.place(queue));
        const woken: string[] = [];
        const gone = [ada, bob].map(({ store }) => store.whenGone(queue, ref));
        const stays = new AbortController();
        const waits = bob.store
          .whenGone(queue, other.ref, { signal: stays.signal })
          .then(() => woken.push("other"))
          .catch(() => {});
        await ada.store.leave(place, token);
        await Promise.all(gone);
        expect(woken).toEqual([]);
        stays.abort(new Error("enough"));
        await waits;
      }),
    );

    it(
      "for a contender ends when its session is closed",
      withStore(factory, async (workshop) => {
        const queue = workshop.queue();
        const [ada, bob] = [await workshop.member(), await workshop.member()];
        const { ref } = await ada.join(ada.place(queue));
        const gone = bob.store.whenGone(queue, ref);
        await ada.store.closeSession(ada.session);
        await expect(gone).resolves.toBeUndefined();
      }),
    );

    it(
      "for a contender ends when its session ends because nobody renewed it",
      withStore(factory, async (workshop) => {
        const queue = workshop.queue();
        const ada = await workshop.member();
        const doomed = await workshop.member(workshop.minTtlMs);
        const { ref } = await doomed.join(doomed.place(queue));
        const gone = workshop.passUntil(ada.store.whenGone(queue, ref));
        await expect(gone).resolves.toBeUndefined();
      }),
    );

    it(
      "for anybody ends at once when somebody is there, else when somebody joins",
      withStore(factory, async (workshop) => {
        const queue = workshop.queue();
        const [ada, bob] = [await workshop.member(), await workshop.member()];
        const joined = bob.store.whenJoined(queue);
        const place = ada.place(queue);
        const { token } = await ada.join(place);
        await expect(joined).resolves.toBeUndefined();
        await expect(bob.store.whenJoined(queue)).resolves.toBeUndefined();
        await ada.store.leave(place, token);
        const again = bob.store.whenJoined(queue);
        await ada.join(ada.place(queue, 1, "shared"));
        await expect(again).resolves.toBeUndefined();
      }),
    );

    it(
      "settles soon after its signal has aborted",
      withStore(factory, async (workshop) => {
        const queue = workshop.queue();
        const ada = await workshop.member();
        const { ref } = await ada.join(ada.place(queue));
        const gaveUp = new AbortController();
        const { signal } = gaveUp;
        const waits = [
          ada.store.whenGone(queue, ref, { signal }),
          ada.store.whenJoined(workshop.queue("empty"), { signal }),
        ].map((wait) => wait.catch(() => {}));
        gaveUp.abort(new Error("enough"));
        await expect(Promise.all(waits)).resolves.toHaveLength(2);
      }),
    );
  });
}

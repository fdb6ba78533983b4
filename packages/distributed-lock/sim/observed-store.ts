import type { CoordinationStore, Place, StoreCall } from "../src/index.ts";
import type { StoreObserver } from "./store-observer.ts";

/**
 * Shows what a client asks of a store that nobody can look into: what may take a contender out, when it is
 * sent, for it may take effect at any time from then on; what renews a session, when it was answered, as
 * of when it was sent, for it took effect no sooner.
 */
export function observed(
  store: CoordinationStore,
  client: string,
  worldMs: () => number,
  seen: StoreObserver,
): CoordinationStore {
  const asked = (method: string, ...values: readonly unknown[]): void =>
    seen.called(client, { method, values }, undefined, worldMs());
  const answered = async <R>(
    method: string,
    values: readonly unknown[],
    call: Promise<R>,
  ): Promise<R> => {
    const sentAtMs = worldMs();
    const result = await call;
    seen.called(client, { method, values }, result, sentAtMs);
    return result;
  };
  return {
    guarantees: store.guarantees,
    openSession: (ttlMs, call) => answered("openSession", [ttlMs], store.openSession(ttlMs, call)),
    keepAlive: (id, call) => answered("keepAlive", [id], store.keepAlive(id, call)),
    closeSession: (id, call) => {
      asked("closeSession", id);
      return store.closeSession(id, call);
    },
    join: (request, call) => answered("join", [request], store.join(request, call)),
    standing: (place, blockers, call) => store.standing(place, blockers, call),
    leave: (place: Place, token: bigint | undefined, call?: StoreCall) => {
      asked("leave", place, token ?? null);
      return store.leave(place, token, call);
    },
    contenders: (queue, limit, call) => store.contenders(queue, limit, call),
    whenGone: (queue, ref, call) => store.whenGone(queue, ref, call),
    whenJoined: (queue, call) => store.whenJoined(queue, call),
  };
}

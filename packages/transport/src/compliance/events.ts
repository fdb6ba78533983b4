import type { PeerEvent } from "../peer-event.ts";
import type { NodeId, Transport } from "../transport.ts";

/** A promise and its way to resolve it: for a case to wait for exactly what should happen. */
export function deferred<T = void>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: ((value: T) => void) | undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve: (value) => resolve?.(value) };
}

/** Resolves when `transport` next sees that peer in that state. */
export function nextPeerEvent(
  transport: Transport,
  peer: NodeId,
  state: PeerEvent["state"],
): Promise<void> {
  return new Promise((resolve) => {
    const unsubscribe = transport.onPeer((event) => {
      if (event.peer !== peer || event.state !== state) return;
      unsubscribe();
      resolve();
    });
  });
}

/** One turn of the event loop, in which sockets are served. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Sends all, in order, waiting while the queue is full. */
export async function sendAll(
  transport: Transport,
  to: NodeId,
  protocol: string,
  messages: Iterable<Uint8Array>,
): Promise<void> {
  for (const message of messages) {
    while (!transport.send(to, protocol, message)) await turn();
  }
}

/** Keeps uncaught exceptions from the test runner, and returns the first one of `run`. */
export async function nextUncaught(run: () => void): Promise<unknown> {
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  try {
    return await new Promise((resolve) => {
      process.once("uncaughtException", resolve);
      run();
    });
  } finally {
    for (const listener of listeners) process.on("uncaughtException", listener);
  }
}

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { onTestFinished } from "vitest";
import type { TransportDiagnostic } from "../src/tcp/index.ts";

/** Resolves to the next event on `quorate:transport:<name>` that this node publishes. */
export function nextDiagnostic(name: string, nodeId: string): Promise<TransportDiagnostic> {
  const channel = `quorate:transport:${name}`;
  return new Promise((resolve) => {
    const listener = (event: unknown): void => {
      if ((event as TransportDiagnostic).nodeId === nodeId) resolve(event as TransportDiagnostic);
    };
    subscribe(channel, listener);
    onTestFinished(() => void unsubscribe(channel, listener));
  });
}

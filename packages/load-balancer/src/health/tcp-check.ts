import { connect } from "node:net";
import type { HealthCheck } from "./health-check.ts";

/** Healthy when it accepts a connection, which is closed at once. */
export function tcpCheck(): HealthCheck {
  return ({ host, port }, signal) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host, port });
      const end = (settle: () => void): void => {
        signal.removeEventListener("abort", abort);
        socket.destroy();
        settle();
      };
      const abort = (): void => end(() => reject(signal.reason as Error));
      socket.once("connect", () => end(resolve));
      socket.once("error", (error) => end(() => reject(error)));
      signal.addEventListener("abort", abort, { once: true });
    });
}

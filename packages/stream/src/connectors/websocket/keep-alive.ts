import type { Clock } from "@quorate/runtime";
import type { WebSocket } from "ws";

/**
 * Pings every `pingMs`; one that was not answered by the next ends the connection, also one that
 * does not open. A socket that is paused cannot hear, so it is not asked. Returns what stops it.
 */
export function keepAlive(socket: WebSocket, pingMs: number, clock: Clock): () => void {
  let isHeard = false;
  const heard = (): void => void (isHeard = true);
  for (const event of ["open", "pong", "ping", "message"]) socket.on(event, heard);
  const beat = (): void => {
    if (socket.isPaused) isHeard = true;
    else if (isHeard) {
      isHeard = false;
      if (socket.readyState === socket.OPEN) socket.ping();
    } else {
      socket.terminate();
      return;
    }
    timer = clock.setTimer(pingMs, beat);
  };
  let timer = clock.setTimer(pingMs, beat);
  return () => timer.cancel();
}

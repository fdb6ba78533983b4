import type { LiveStatus } from "../live/live-status.ts";
import { liveLine, liveTables } from "../view/live-tables.ts";
import { showRedrawn } from "../view/redrawn.ts";
import { callGateway } from "./gateway-call.ts";
import { stopSignal } from "./stop-signal.ts";

/** What `quorate live` was asked to do. */
export interface LiveOptions {
  readonly port: number;
  readonly once?: true;
  readonly json?: true;
}

const REDRAW_MS = 1_000;
const VIEW = { screen: liveTables, line: liveLine, redrawMs: REDRAW_MS, lineMs: 5_000 };
const asJson = (status: LiveStatus): string => JSON.stringify(status);
const JSON_VIEW = { ...VIEW, screen: asJson, line: asJson, lineMs: REDRAW_MS };

/** @throws {ClusterError} `not-running`, `not-ready`. */
export async function runLive({ port, once, json }: LiveOptions): Promise<void> {
  const look = (): Promise<LiveStatus> => callGateway<LiveStatus>(port, "/live", "districts");
  if (once) {
    const status = await look();
    process.stdout.write(`${json ? asJson(status) : liveTables(status)}\n`);
    return;
  }
  const stop = stopSignal();
  await showRedrawn(process.stdout, json ? JSON_VIEW : VIEW, look, stop);
  stop.ignore();
}

import { type Clock, pause, systemClock } from "@quorate/runtime";
import { createLogUpdate } from "log-update";
import type { StopSignal } from "../cli/stop-signal.ts";
import { plainLine } from "./plain-line.ts";
import { invitation } from "./invitation.ts";
import { screen } from "./screen.ts";
import type { ViewState } from "./view-state.ts";

const REDRAW_MS = 250;
const PLAIN_LINE_MS = 5_000;

/** Shows the state again and again until it is told to stop: redrawn on a terminal, else a line each. */
export async function showLive(
  output: NodeJS.WriteStream,
  look: () => Promise<ViewState>,
  stop: Pick<StopSignal, "received" | "isReceived">,
  clock: Clock = systemClock,
): Promise<void> {
  const draw = output.isTTY ? createLogUpdate(output) : undefined;
  const first = await look();
  if (!draw) output.write(`${invitation(first.url, first.exampleId).join("\n")}\n`);
  for (let state = first; !stop.isReceived; state = await look()) {
    if (draw) draw(screen(state));
    else output.write(`${plainLine(state)}\n`);
    await pause(clock, draw ? REDRAW_MS : PLAIN_LINE_MS, [], stop.received);
  }
  draw?.done();
}

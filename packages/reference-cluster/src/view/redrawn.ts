import { type Clock, pause, systemClock } from "@quorate/runtime";
import { createLogUpdate } from "log-update";
import type { StopSignal } from "../cli/stop-signal.ts";

/** How something that changes is shown. */
export interface View<State> {
  /** On a terminal, in place of what was there. */
  readonly screen: (state: State) => string;
  /** Where there is no terminal: what is printed now and then. */
  readonly line: (state: State) => string;
  readonly redrawMs: number;
  readonly lineMs: number;
}

/** Shows the state again and again until it is told to stop: redrawn on a terminal, else a line each. */
export async function showRedrawn<State>(
  output: NodeJS.WriteStream,
  { screen, line, redrawMs, lineMs }: View<State>,
  look: () => Promise<State>,
  stop: Pick<StopSignal, "received" | "isReceived">,
  clock: Clock = systemClock,
): Promise<void> {
  const draw = output.isTTY ? createLogUpdate(output) : undefined;
  for (let state = await look(); !stop.isReceived; state = await look()) {
    if (draw) draw(screen(state));
    else output.write(`${line(state)}\n`);
    await pause(clock, draw ? redrawMs : lineMs, [], stop.received);
  }
  draw?.done();
}

import type { DispatchRequest, ProcessMessage } from "../cluster/process-message.ts";
import { type StartedDispatcher, startDispatcher } from "../dispatch/start-dispatcher.ts";
import { fromServiceArguments, type ServiceArguments } from "../service/service-options.ts";
import { liveAsChild } from "./child-process.ts";

/** `quorate dispatcher`: one dispatcher, until whoever started it disconnects or ends. */
export async function runDispatcher(options: ServiceArguments): Promise<void> {
  await liveAsChild(
    async () => {
      const started = await startDispatcher(fromServiceArguments(options));
      process.on("message", (request: DispatchRequest) => void answer(started, request));
      return started;
    },
    async (started) => started.stop(),
  );
}

async function answer(
  { dispatcher }: StartedDispatcher,
  { dispatchBlindly: orderId }: DispatchRequest,
): Promise<void> {
  const dispatched = await dispatcher.dispatchBlindly(orderId);
  process.send?.({ orderId, dispatched } satisfies ProcessMessage);
}

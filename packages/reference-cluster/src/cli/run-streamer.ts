import { startStreamer } from "../live/start-streamer.ts";
import { fromServiceArguments, type ServiceArguments } from "../service/service-options.ts";
import { die, liveAsChild } from "./child-process.ts";

/** What commander makes of the options of `quorate streamer`. */
export interface StreamerArguments extends ServiceArguments {
  readonly data: string;
}

/** `quorate streamer`: counts orders, until whoever started it disconnects or ends. */
export async function runStreamer(options: StreamerArguments): Promise<void> {
  await liveAsChild(
    async () => {
      const streamer = await startStreamer({
        ...fromServiceArguments(options),
        folder: options.data,
        onRestart: (failure) => process.stderr.write(`${(failure as Error).message}\n`),
      });
      streamer.done.catch(die);
      return streamer;
    },
    (streamer) => streamer.stop(),
  );
}

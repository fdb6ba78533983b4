import { fromServiceArguments, type ServiceArguments } from "../service/service-options.ts";
import { startService } from "../service/start-service.ts";
import { liveAsChild } from "./child-process.ts";

/** `quorate service`: one order service, until whoever started it disconnects or ends. */
export async function runService(options: ServiceArguments): Promise<void> {
  await liveAsChild(
    () => startService(fromServiceArguments(options)),
    async (service, why) => {
      if (why === "told") await service.drain();
      await service.stop();
    },
  );
}

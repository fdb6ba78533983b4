import { type ServiceOptions, toServiceArguments } from "../service/service-options.ts";
import { SupervisedProcess } from "./supervised-process.ts";

/** The name of the streaming process. */
export const STREAMER = "live";

/** The processes of so many order services or dispatchers: s1 or d1 is the first. */
export function serviceProcesses(
  kind: "service" | "dispatcher",
  count: number,
  common: Omit<ServiceOptions, "serviceId">,
): readonly SupervisedProcess[] {
  return Array.from({ length: count }, (_, at) => {
    const serviceId = `${kind[0]}${at + 1}`;
    const options = toServiceArguments({ ...common, serviceId });
    return new SupervisedProcess(serviceId, [kind, ...options]);
  });
}

/** The process that counts orders while they come. @param folder of its own */
export function streamerProcess(
  folder: string,
  common: Omit<ServiceOptions, "serviceId">,
): SupervisedProcess {
  const options = toServiceArguments({ ...common, serviceId: STREAMER });
  return new SupervisedProcess(STREAMER, ["streamer", ...options, "--data", folder]);
}

import { type ServiceOptions, toServiceArguments } from "../service/service-options.ts";
import { SupervisedProcess } from "./supervised-process.ts";

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

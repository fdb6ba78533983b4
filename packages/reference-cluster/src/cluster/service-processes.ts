import { type ServiceOptions, toServiceArguments } from "../service/service-options.ts";
import { SupervisedProcess } from "./supervised-process.ts";

/** The processes of so many order services; s1 is the first. */
export function serviceProcesses(
  count: number,
  common: Omit<ServiceOptions, "serviceId">,
): readonly SupervisedProcess[] {
  return Array.from({ length: count }, (_, at) => {
    const serviceId = `s${at + 1}`;
    return new SupervisedProcess(serviceId, [
      "service",
      ...toServiceArguments({ ...common, serviceId }),
    ]);
  });
}

import type { Endpoint } from "@quorate/load-balancer";
import { type ServiceOptions, toServiceArguments } from "../service/service-options.ts";
import { SupervisedProcess } from "./supervised-process.ts";

const HOST = "127.0.0.1";

/** The processes of order services, one for each port; s1 is the first. */
export function serviceProcesses(
  ports: readonly number[],
  common: Omit<ServiceOptions, "serviceId" | "port">,
): { readonly processes: readonly SupervisedProcess[]; readonly endpoints: readonly Endpoint[] } {
  const endpoints = ports.map((port, at) => ({ id: `s${at + 1}`, host: HOST, port }));
  const processes = endpoints.map(({ id: serviceId, port }) => {
    const args = toServiceArguments({ ...common, serviceId, port });
    return new SupervisedProcess(serviceId, ["service", ...args]);
  });
  return { processes, endpoints };
}

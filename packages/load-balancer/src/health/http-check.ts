import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { endpointOrigin } from "../endpoint-origin.ts";
import type { HealthCheck } from "./health-check.ts";

/** What is asked, and what is a good answer. */
export interface HttpCheckOptions {
  /** @default "/" */
  readonly path?: string;
  /** @default "GET" */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default 200 to 299 */
  readonly isHealthy?: (status: number) => boolean;
}

/** Healthy by the status of an answer; on a connection of its own, at `url` or else http. */
export function httpCheck(options: HttpCheckOptions = {}): HealthCheck {
  const { path = "/", method = "GET", headers = {}, isHealthy = isSuccess } = options;
  return (endpoint, signal) =>
    new Promise((resolve, reject) => {
      const url = new URL(path, endpointOrigin(endpoint));
      const send = url.protocol === "https:" ? httpsRequest : httpRequest;
      const request = send(url, { method, headers, signal, agent: false }, (response) => {
        const status = response.statusCode ?? 0;
        response.destroy();
        if (isHealthy(status)) resolve();
        else reject(new Error(`it answered ${status}`));
      });
      request.once("error", reject);
      request.end();
    });
}

function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

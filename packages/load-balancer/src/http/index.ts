export type { Endpoint } from "../endpoint.ts";

import { onServer } from "./servers/on-server.ts";
import { REDIS } from "./servers/redis.ts";

onServer(REDIS, () => {});

import { onServer } from "./servers/on-server.ts";
import { ZOOKEEPER } from "./servers/zookeeper.ts";

onServer(ZOOKEEPER, () => {});

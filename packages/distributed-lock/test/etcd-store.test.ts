import { ETCD } from "./servers/etcd.ts";
import { onServer } from "./servers/on-server.ts";

onServer(ETCD, () => {});

import { onServer } from "./servers/on-server.ts";
import { POSTGRES } from "./servers/postgres.ts";

onServer(POSTGRES, () => {});

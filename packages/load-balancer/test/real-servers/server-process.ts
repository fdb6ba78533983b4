/**
 * One of the real servers. Writes down each POST before it answers, in a file of its own, so that
 * not even SIGKILL hides one. Told by its parent how to behave: `well`, `slow` or `fail`.
 *
 * Arguments: the port (0 for a free one), the file.
 */
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const [port, file = ""] = process.argv.slice(2);
const SLOW_MS = 250;
let behaviour = "well";

const server = createServer((request, response) => {
  if (request.method === "POST") appendFileSync(file, `${request.url}\n`);
  request.resume().once("end", () => {
    if (behaviour === "fail") response.writeHead(500).end();
    else if (behaviour === "slow") setTimeout(() => response.end("late"), SLOW_MS);
    else response.end("well");
  });
});
server.listen(Number(port), "127.0.0.1", () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.on("message", (told) => (behaviour = String(told)));
process.once("disconnect", () => process.exit());

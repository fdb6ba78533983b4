/** What the benches ask, in a process of its own: `ping` of a few bytes, and a larger body. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const BODIES = { "/small": Buffer.alloc(128, "x"), "/large": Buffer.alloc(65_536, "x") };

const server = createServer(
  { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 },
  (request, response) => {
    const body = request.url === "/large" ? BODIES["/large"] : BODIES["/small"];
    response.writeHead(200, { "content-type": "text/plain", "content-length": body.length });
    request.resume();
    response.end(body);
  },
);
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.once("disconnect", () => process.exit());

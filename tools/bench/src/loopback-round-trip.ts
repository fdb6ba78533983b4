import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { median } from "./percentile.ts";

const ROUND_TRIPS = 1_000;
const MESSAGE_BYTES = 256;

/** Milliseconds that 256 bytes take to a bare echo server on 127.0.0.1 and back. */
export async function loopbackRttMs(): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => socket.pipe(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  const samples: number[] = [];
  for (let done = 0; done < ROUND_TRIPS; done++) samples.push(await roundTrip(socket));
  socket.destroy();
  server.close();
  await once(server, "close");
  return median(samples);
}

function roundTrip(socket: Socket): Promise<number> {
  return new Promise((resolve, reject) => {
    let missing = MESSAGE_BYTES;
    const startedAt = performance.now();
    const onData = (chunk: Buffer): void => {
      missing -= chunk.length;
      if (missing > 0) return;
      socket.off("data", onData).off("error", reject);
      resolve(performance.now() - startedAt);
    };
    socket.on("data", onData).once("error", reject);
    socket.write(Buffer.alloc(MESSAGE_BYTES, 1));
  });
}

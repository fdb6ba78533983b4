import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Child } from "./child.ts";

/** nginx with one worker in front of a port; undefined, and a word why, where it is not installed. */
export async function startNginx(upstreamPort: number): Promise<Child | undefined> {
  if (spawnSync("nginx", ["-v"]).error) {
    process.stderr.write("without nginx: it is not installed (apt-get install nginx-light)\n");
    return undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), "quorate-nginx-"));
  const port = await freePort();
  const file = join(folder, "nginx.conf");
  await writeFile(file, configuration(folder, port, upstreamPort));
  const child = spawn("nginx", ["-c", file, "-p", folder], {
    stdio: ["ignore", "ignore", "ignore"],
  });
  await listening(port);
  const stop = async (): Promise<void> => {
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
    await rm(folder, { recursive: true });
  };
  return { pid: child.pid ?? 0, port, stop };
}

function configuration(folder: string, port: number, upstreamPort: number): string {
  return `daemon off; master_process off; worker_processes 1; pid ${folder}/pid;
error_log /dev/null crit;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 10000000; client_body_buffer_size 128k;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  upstream only { server 127.0.0.1:${upstreamPort}; keepalive 32; keepalive_requests 10000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://only; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr;
    }
  }
}
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = connect(port, "127.0.0.1");
    const connected = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`nginx does not listen on ${port}`);
}

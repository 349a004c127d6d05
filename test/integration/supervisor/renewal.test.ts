import { expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect, type TLSSocket } from "node:tls";
import { FakeClock } from "../../framework/fake-clock.ts";
import { startTestSupervisor, type TestSupervisor } from "../../framework/test-supervisor.ts";
import { waitUntil } from "../../framework/wait-until.ts";

const dayMs = 24 * 3600 * 1000;

function open({ url, caPem }: TestSupervisor): Promise<TLSSocket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), ca: caPem });
  return new Promise((resolve, reject) => {
    socket.once("secureConnect", () => resolve(socket));
    socket.once("error", reject);
  });
}

function serialOf(socket: TLSSocket): string {
  return new X509Certificate(socket.getPeerCertificate().raw).serialNumber;
}

async function serialNow(supervisor: TestSupervisor): Promise<string> {
  const socket = await open(supervisor);
  const serial = serialOf(socket);
  socket.destroy();
  return serial;
}

async function answers(socket: TLSSocket): Promise<boolean> {
  const answer = new Promise<string>((resolve) => socket.once("data", (data) => resolve(String(data))));
  socket.write("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n");
  return (await answer).startsWith("HTTP/1.1 200");
}

test("the supervisor's certificates renew themselves while it runs, and open connections go on", async () => {
  // It ends at the machine's time, which clients hold certificates against.
  const clock = new FakeClock(Date.now() - 250 * dayMs);
  const supervisor = await startTestSupervisor({ clock, disabled: ["scheduler", "controllers"] });
  try {
    const kubeconfig = readFileSync(supervisor.kubeconfigPath, "utf8");
    const kept = await open(supervisor);
    const first = serialOf(kept);
    expect(await answers(kept)).toBe(true);
    await clock.advance(200 * dayMs);
    expect(await serialNow(supervisor)).toBe(first);
    await clock.advance(50 * dayMs);
    await waitUntil(async () => (await serialNow(supervisor)) !== first);
    await waitUntil(() => readFileSync(supervisor.kubeconfigPath, "utf8") !== kubeconfig);
    expect(await answers(kept)).toBe(true);
    kept.destroy();
  } finally {
    await supervisor.stop();
  }
});

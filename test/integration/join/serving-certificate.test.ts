/** The certificate of a kubelet's own port: signed by the cluster's authority, approved by the supervisor or by a person. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { joinSupervisor } from "../../../agent/join/join-supervisor.ts";
import { keepServingCertificate } from "../../../agent/join/keep-serving-certificate.ts";
import { requestName } from "../../../agent/join/request-certificate.ts";
import { ServingStore } from "../../../agent/join/serving-store.ts";
import { serveOnPort } from "../../../agent/serve-on-port.ts";
import type { NodeReports } from "../../../agent/server/node-reports.ts";
import type { V1CertificateSigningRequest, V1Node } from "../../../supervisor/api/generated/types.ts";
import { systemClock } from "../../../supervisor/base/clock.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { createToken } from "../../../supervisor/cli/bootstrap-tokens.ts";
import { resources } from "../../../supervisor/client/resources.ts";
import { createClient } from "../../../supervisor/client/rest-client.ts";
import { FakeClock } from "../../framework/fake-clock.ts";
import { startTestSupervisor, type TestSupervisor } from "../../framework/test-supervisor.ts";
import { waitUntil } from "../../framework/wait-until.ts";
import { LocalPods } from "../streams/local-pods.ts";

const dayMs = 24 * 3600 * 1000;
const reports: NodeReports = {
  summary: async () => ({}),
  metrics: async () => "",
  configuration: () => ({}),
  runningPods: () => [],
  showsCertificate: () => {},
  countRequest: () => {},
};
let supervisor: TestSupervisor;
let folder = "";
let lines: string[] = [];
let stopping = new AbortController();
let serving: Promise<void> = Promise.resolve();

beforeAll(async () => {
  supervisor = await startTestSupervisor();
});

afterAll(() => supervisor.stop());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pacific-serving-"));
  lines = [];
});

afterEach(async () => {
  stopping.abort();
  await serving;
  rmSync(folder, { recursive: true });
});

/** A registered host with a port. `who` tells whose certificate the port shows, and whether the cluster signed it. */
async function host(nodeName: string, address: string) {
  stopping = new AbortController();
  const { signal } = stopping;
  const logger = new Logger("info", (line) => lines.push(line));
  const clock = new FakeClock(Date.now());
  const { admin, caKeyHash, url, caPem } = supervisor;
  const token = await createToken(admin, { ttlMs: 3600_000, caKeyHash, clock: systemClock });
  const dataDir = join(folder, nodeName);
  const joined = await joinSupervisor({ server: url, token, nodeName, dataDir, logger, signal });
  const client = createClient(joined.transport);
  const addresses = [
    { type: "InternalIP", address },
    { type: "Hostname", address: nodeName },
  ];
  const node = { apiVersion: "v1", kind: "Node", metadata: { name: nodeName }, status: { addresses } };
  await client.resource<V1Node>(resources.nodes).create(node);
  const listening = Promise.withResolvers<number>();
  const names = [nodeName, address];
  const common = { client, nodeName, clock, logger };
  serving = serveOnPort(
    {
      ...common,
      source: { streams: new LocalPods([]), reports },
      address,
      listenHost: "127.0.0.1",
      port: 0,
      clientCa: caPem,
      keepCertificate: (onCertificate, stopped) =>
        keepServingCertificate({ ...common, dataDir, names, random: () => 0.5, onCertificate }, stopped),
      onListening: listening.resolve,
    },
    signal,
  );
  const port = await listening.promise;
  const dial = () =>
    new Promise<{ isSigned: boolean; serial: string; end: () => void }>((resolve, reject) => {
      const checked = { servername: nodeName, ca: caPem, rejectUnauthorized: false };
      const socket = connect({ host: "127.0.0.1", port, ...checked }, () => {
        const { serialNumber: serial } = socket.getPeerCertificate();
        resolve({ isSigned: socket.authorized, serial, end: () => socket.destroy() });
      }).on("error", reject);
    });
  const who = async () => {
    const { end, ...seen } = await dial();
    end();
    return seen;
  };
  return { who, clock };
}

test("a Node's own names are approved, and the port shows another certificate before the first expires", async () => {
  const { who, clock } = await host("box", "192.0.2.7");
  await waitUntil(async () => (await who()).isSigned);
  const { serial } = await who();
  await clock.advance(290 * dayMs);
  expect(await who()).toEqual({ isSigned: true, serial });
  await clock.advance(4 * dayMs);
  await waitUntil(async () => (await who()).serial !== serial);
  expect((await who()).isSigned).toBe(true);
});

test("names that are the API server's too wait for a person, and the host's own certificate serves meanwhile", async () => {
  const { who, clock } = await host("same-box", "127.0.0.1");
  const requests = supervisor.admin.resource<V1CertificateSigningRequest>(
    resources.certificateSigningRequests,
  );
  const csr = await waitUntil(async () =>
    (await requests.list()).items.find(
      ({ spec }) => spec.username === "system:node:same-box" && spec.signerName.endsWith("/kubelet-serving"),
    ),
  );
  const { name = "" } = csr.metadata ?? {};
  // The host may begin to wait only now.
  await waitUntil(async () => {
    await clock.advance(1000);
    return lines.some((line) => line.includes(`kubectl certificate approve ${name}`));
  });
  expect((await requests.get(name)).status?.conditions).toBeUndefined();
  expect((await who()).isSigned).toBe(false);
  // The next start asks for nothing more.
  const key = await new ServingStore(join(folder, "same-box")).pendingKey();
  expect(requestName({ nodeName: "same-box", keyPem: key, use: "serving" })).toBe(name);
  const conditions = [{ type: "Approved", status: "True", reason: "Test", message: "by hand" }];
  await requests.updateSubresource({ ...csr, status: { conditions } }, "approval");
  await waitUntil(async () => (await who()).isSigned);
});

/**
 * A whole supervisor, a host's tunnel and kubelet server, and a Pod whose containers are processes of this machine:
 * every part of a stream's way but the VM.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kubeletServer } from "../../../agent/server/kubelet-server.ts";
import { runTunnel } from "../../../agent/server/tunnel-client.ts";
import type { V1Node, V1Pod } from "../../../supervisor/api/generated/types.ts";
import { systemClock } from "../../../supervisor/base/clock.ts";
import { serveHttp } from "../../../supervisor/base/http/serve-http.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { CertificateAuthority } from "../../../supervisor/base/pki/certificate-authority.ts";
import { resources } from "../../../supervisor/client/resources.ts";
import { startTestSupervisor, type TestSupervisor } from "../../framework/test-supervisor.ts";
import { LocalPods, startProcess } from "./local-pods.ts";

const nodeName = "box-1";
export const podName = "web";

export class StreamsRig {
  readonly folder = mkdtempSync(join(tmpdir(), "pacific-streams-"));
  readonly logPath = join(this.folder, "0.log");
  readonly pods: LocalPods;
  readonly supervisor: TestSupervisor;
  readonly #authority: CertificateAuthority;
  #stopHost: () => Promise<void> = () => Promise.resolve();

  private constructor(supervisor: TestSupervisor, pod: V1Pod) {
    this.supervisor = supervisor;
    this.pods = new LocalPods([pod]);
    const [certificatePem, keyPem] = ["ca.crt", "ca.key"].map((name) =>
      readFileSync(join(supervisor.dataDir, "tls", name), "utf8"),
    );
    this.#authority = new CertificateAuthority({
      certificatePem: certificatePem ?? "",
      keyPem: keyPem ?? "",
    });
  }

  static async start(): Promise<StreamsRig> {
    const supervisor = await startTestSupervisor({ disabled: ["scheduler", "controllers"] });
    const nodes = supervisor.admin.resource<V1Node>(resources.nodes);
    await nodes.create({ apiVersion: "v1", kind: "Node", metadata: { name: nodeName } });
    const pods = supervisor.admin.resource<V1Pod>(resources.pods, "default");
    const created = await pods.create({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: podName },
      spec: {
        nodeName,
        containers: [
          { name: "app", image: "x" },
          { name: "reader", image: "x", stdin: true },
        ],
      },
    });
    const running = { running: { startedAt: new Date().toISOString() } };
    const status = { image: "x", imageID: "x", ready: true, restartCount: 0, state: running };
    const pod = await pods.updateStatus({
      ...created,
      status: {
        phase: "Running",
        containerStatuses: [
          { ...status, name: "app", containerID: "crx://app" },
          { ...status, name: "reader", containerID: "crx://reader" },
        ],
      },
    });
    const rig = new StreamsRig(supervisor, pod);
    await rig.startHost();
    return rig;
  }

  /** Gives the container `reader` a fresh process to attach to. */
  async startReader(script: string): Promise<void> {
    const options = { command: ["sh", "-c", script], tty: false, stdin: true, stdout: true, stderr: true };
    this.pods.setMain("reader", await startProcess(options));
  }

  async startHost(): Promise<void> {
    const leaf = await this.#authority.issue({
      subject: { commonName: `system:node:${nodeName}`, organizations: ["system:nodes"] },
      uses: ["client"],
      nowMs: Date.now(),
    });
    const stopping = new AbortController();
    const server = kubeletServer(this.pods, Date.now);
    const done = runTunnel({
      server: this.supervisor.url,
      credentials: () => ({ key: leaf.keyPem, cert: leaf.certificatePem, ca: this.supervisor.caPem }),
      serve: (stream) => void serveHttp(stream, server, { remoteAddress: "tunnel" }),
      clock: systemClock,
      random: Math.random,
      logger: new Logger("error"),
      signal: stopping.signal,
    });
    this.#stopHost = () => {
      stopping.abort();
      return done;
    };
  }

  stopHost(): Promise<void> {
    return this.#stopHost();
  }

  async stop(): Promise<void> {
    await this.#stopHost();
    await this.supervisor.stop();
    rmSync(this.folder, { recursive: true });
  }
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "../../supervisor/base/clock.ts";
import { Logger } from "../../supervisor/base/logging.ts";
import { HttpTransport } from "../../supervisor/client/http-transport.ts";
import { createClient } from "../../supervisor/client/rest-client.ts";
import type { KubernetesClient } from "../../supervisor/client/types.ts";
import { startSupervisor } from "../../supervisor/main.ts";

export interface TestSupervisor {
  readonly url: string;
  readonly dataDir: string;
  readonly kubeconfigPath: string;
  /** An administrator, over TLS. */
  readonly admin: KubernetesClient;
  readonly caPem: string;
  readonly caKeyHash: string;
  stop(options?: { readonly keepData?: boolean }): Promise<void>;
}

export interface TestSupervisorOptions {
  readonly clock?: Clock;
  readonly disabled?: readonly string[];
  readonly port?: number;
  /** An earlier one's, stopped with `keepData`. */
  readonly dataDir?: string;
}

/** Starts a whole supervisor in this process, on loopback, with its data in a new temporary folder. */
export async function startTestSupervisor(options: TestSupervisorOptions = {}): Promise<TestSupervisor> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "pacific-supervisor-"));
  const kubeconfigPath = join(dataDir, "kubeconfig.yaml");
  const controller = new AbortController();
  const running = await startSupervisor(
    {
      dataDir,
      listen: { host: "127.0.0.1", port: options.port ?? 0 },
      tlsNames: [],
      kubeconfigPath,
      clusterCidr: "10.42.0.0/16",
      serviceCidr: "10.43.0.0/16",
      disabled: new Set(options.disabled ?? []),
      logLevel: "error",
    },
    { clock: options.clock ?? systemClock, logger: new Logger("error"), signal: controller.signal },
  );
  const url = `https://127.0.0.1:${running.port}`;
  const { authority, admin } = running.pki;
  return {
    url,
    dataDir,
    kubeconfigPath,
    admin: createClient(
      new HttpTransport({ server: url, caPem: authority.certificatePem, credentials: admin }),
    ),
    caPem: authority.certificatePem,
    caKeyHash: authority.publicKeyHash,
    stop: async ({ keepData = false } = {}) => {
      controller.abort();
      await running.closed;
      if (!keepData) rmSync(dataDir, { recursive: true });
    },
  };
}

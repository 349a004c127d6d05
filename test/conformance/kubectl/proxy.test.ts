import { expect } from "bun:test";
import { join } from "node:path";
import { useCluster } from "../support/cluster.ts";
import { kubectlTest } from "../support/conformance-test.ts";

const cluster = useCluster();

/** Runs `kubectl proxy` until `use` is done; `use` is given what the proxy first prints. */
async function withProxy(flag: string, use: (greeting: string) => Promise<void>): Promise<void> {
  const proxy = Bun.spawn([...cluster.kubectlCommand(["proxy", flag])], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const reader = proxy.stdout.getReader();
  try {
    const { value } = await reader.read();
    await use(new TextDecoder().decode(value));
  } finally {
    proxy.kill();
    await proxy.exited;
  }
}

async function checkVersions(answer: Response): Promise<void> {
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ kind: "APIVersions", versions: ["v1"] });
}

kubectlTest("[sig-cli] Kubectl client Proxy server should support proxy with --port 0 [Conformance]", () =>
  withProxy("--port=0", async (greeting) => {
    const [, port] = /^Starting to serve on 127\.0\.0\.1:(\d+)\n$/.exec(greeting) ?? [];
    await checkVersions(await fetch(`http://127.0.0.1:${port}/api/`, { headers: { connection: "close" } }));
  }),
);

kubectlTest(
  "[sig-cli] Kubectl client Proxy server should support --unix-socket=/path [Conformance]",
  async () => {
    const unix = join(cluster.folder, "proxy.sock");
    await withProxy(`--unix-socket=${unix}`, async (greeting) => {
      expect(greeting).toContain(unix);
      await checkVersions(await fetch("http://localhost/api", { unix, headers: { connection: "close" } }));
    });
  },
);

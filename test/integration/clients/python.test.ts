/** Python's client of Kubernetes, on which Ansible and many operators stand: typed, dynamic, streams, election. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createServer } from "node:net";
import { join } from "node:path";
import { run } from "../../framework/cluster.ts";
import { StreamsRig } from "../streams/streams-rig.ts";

// Only for what hangs.
setDefaultTimeout(600_000);

/** Debian's, which sees Debian's packages, whatever other Python stands first in the path. */
const python = "/usr/bin/python3";
const isThere = Bun.spawnSync(["sh", "-c", `${python} -c 'import kubernetes'`]).exitCode === 0;
const reason = isThere ? "" : " (needs Debian's python3-kubernetes)";

let rig: StreamsRig;
const echo = createServer((socket) => socket.pipe(socket));

beforeAll(async () => {
  if (!isThere) return;
  rig = await StreamsRig.start();
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  if (!isThere) return;
  echo.close();
  await rig.stop();
});

test.skipIf(!isThere)(`Python's client does what it does elsewhere${reason}`, async () => {
  const address = echo.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const command = [python, join(import.meta.dir, "python-client.py"), String(port)];
  const { code, stdout, stderr } = await run(command, { env: { KUBECONFIG: rig.supervisor.kubeconfigPath } });
  const steps = stdout.trim().split("\n");
  const found = [...steps.map((line) => JSON.parse(line)), { code, stderr: code === 0 ? "" : stderr }];
  expect(Object.assign({}, ...found)).toEqual({
    patched: { b: "2" },
    pages: ["c0", "c1", "c2", "c3", "c4"],
    conflict: [409, 'configmaps "c0" already exists'],
    watched: ["DELETED", "c4"],
    custom: { ready: true },
    scaled: 3,
    leads: true,
    exec: ["got this\n", "wrong\n", 3],
    forwarded: ["hello", null],
    code: 0,
    stderr: "",
  });
});

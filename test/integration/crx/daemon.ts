/** A host daemon to be killed: takes over what is there, else starts one sandbox with one container; then waits. */
import { containerConfig, realRuntime, sandboxConfig } from "./fixtures.ts";

const [folder = "", disk = "", script = ""] = process.argv.slice(2);
const { runtime } = await realRuntime(folder);
if (runtime.listPodSandboxes().length === 0) {
  const sandbox = await runtime.runPodSandbox(sandboxConfig(folder), new AbortController().signal);
  await runtime.startContainer(
    await runtime.createContainer(sandbox.id, containerConfig(disk, ["sh", "-c", script])),
  );
}
process.stdout.write("ready\n");
setInterval(() => {}, 1 << 30);

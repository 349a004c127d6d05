/** A host daemon to be killed while one machine waits in its pool. */
import { realRuntime, until } from "./fixtures.ts";

const [folder = ""] = process.argv.slice(2);
const { runtime } = await realRuntime(folder, { cloning: { hasNetwork: false, poolSize: 1 } });
await until(() => runtime.spareCount === 1, "a machine in the pool", 120_000);
process.stdout.write("ready\n");
setInterval(() => {}, 1 << 30);

/** Runs the operator with the kubeconfig of the environment, or as a Pod with its ServiceAccount. */
import { KubeConfig } from "@kubernetes/client-node";
import { Operator } from "./operator.ts";

const config = new KubeConfig();
config.loadFromDefault();
const operator = new Operator(config, (text) =>
  process.stderr.write(`${new Date().toISOString()} ${text}\n`),
);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void operator.stop().then(() => process.exit(0)));
}
await operator.start();

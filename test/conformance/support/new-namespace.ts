import type { V1Namespace } from "../../../supervisor/api/generated/types.ts";
import { eventually } from "../../framework/eventually.ts";
import type { Api } from "./api.ts";

/** The name of a new namespace, which begins with the prefix, once it has its default ServiceAccount. */
export async function newNamespace(
  api: Api,
  prefix = "test",
  labels: Readonly<Record<string, string>> = {},
): Promise<string> {
  const metadata = { generateName: `${prefix}-`, labels };
  const made = await api.create<V1Namespace>("/api/v1/namespaces", { metadata });
  const name = made.metadata?.name ?? "";
  const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
  await eventually(`${account} is there`, 20_000, async () => {
    return (await api.call("GET", account)).status === 200;
  });
  return name;
}

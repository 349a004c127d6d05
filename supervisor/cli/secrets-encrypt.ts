import { HttpTransport } from "../client/http-transport.ts";
import { loadKubeconfig } from "../client/kubeconfig.ts";
import { readJson } from "../client/response.ts";
import type { EncryptionStatus } from "../storage/encryption/secrets-encryption.ts";
import { renderTable } from "./render-table.ts";

const path = "/pacific/v1/secrets-encryption";

async function ask(kubeconfigPath: string, method: "GET" | "POST"): Promise<EncryptionStatus> {
  const { transport } = await loadKubeconfig(kubeconfigPath);
  return readJson<EncryptionStatus>(await new HttpTransport(transport).fetch(path, { method }));
}

/** `pacific secrets-encrypt status`. */
export async function runSecretsEncryptStatus(kubeconfigPath: string): Promise<void> {
  const { key, created, secrets, outdated } = await ask(kubeconfigPath, "GET");
  const rows = [[key, created, String(secrets), String(outdated)]];
  process.stdout.write(renderTable(["KEY", "CREATED", "SECRETS", "WITH OLDER KEYS"], rows));
}

/** `pacific secrets-encrypt rotate-keys`. */
export async function runSecretsEncryptRotate(kubeconfigPath: string): Promise<void> {
  const { key, secrets } = await ask(kubeconfigPath, "POST");
  process.stdout.write(`The key is ${key} now; Secrets written anew with it: ${secrets}\n`);
}

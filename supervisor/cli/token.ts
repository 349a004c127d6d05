import { systemClock } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import { certificateKeyHash } from "../base/pki/keys.ts";
import { HttpTransport } from "../client/http-transport.ts";
import { loadKubeconfig } from "../client/kubeconfig.ts";
import { createClient } from "../client/rest-client.ts";
import type { KubernetesClient } from "../client/types.ts";
import { type BootstrapToken, createToken, deleteToken, listTokens } from "./bootstrap-tokens.ts";
import { renderTable } from "./render-table.ts";

interface Session {
  readonly client: KubernetesClient;
  readonly caPem: string;
}

async function connect(kubeconfigPath: string): Promise<Session> {
  const { transport } = await loadKubeconfig(kubeconfigPath);
  const { caPem } = transport;
  if (caPem === undefined) throw new Error(`Kubeconfig ${kubeconfigPath} holds no certificate authority`);
  return { client: createClient(new HttpTransport(transport)), caPem };
}

/** `pacific token create`: prints the token, and nothing else, on standard output. */
export async function runTokenCreate(
  kubeconfigPath: string,
  options: { readonly ttlMs: number; readonly uses?: number },
): Promise<void> {
  const { client, caPem } = await connect(kubeconfigPath);
  const caKeyHash = certificateKeyHash(caPem);
  process.stdout.write(`${await createToken(client, { ...options, caKeyHash, clock: systemClock })}\n`);
}

/** `pacific token list`. */
export async function runTokenList(kubeconfigPath: string): Promise<void> {
  const { client } = await connect(kubeconfigPath);
  const now = systemClock.now();
  const rows = (await listTokens(client)).map((token) => tokenRow(token, now));
  process.stdout.write(renderTable(["ID", "EXPIRES IN", "EXPIRES", "HOSTS JOINED"], rows));
}

/** `pacific token delete`. */
export async function runTokenDelete(kubeconfigPath: string, token: string): Promise<void> {
  const { client } = await connect(kubeconfigPath);
  await deleteToken(client, token);
  process.stdout.write(`Join token ${token.split(".")[0]} deleted\n`);
}

function tokenRow(token: BootstrapToken, now: number): readonly string[] {
  const { id, expiresMs, uses, used } = token;
  const joined = uses === undefined ? String(used) : `${used} of ${uses}`;
  if (expiresMs === undefined) return [id, "never", "never", joined];
  const left = expiresMs <= now ? "expired" : formatDuration(expiresMs - now);
  return [id, left, new Date(expiresMs).toISOString(), joined];
}

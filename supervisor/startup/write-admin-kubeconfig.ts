import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf } from "../base/errors.ts";
import type { ClusterPki } from "../base/pki/cluster-pki.ts";
import { writeFileAtomic } from "../base/write-file-atomic.ts";
import { renderKubeconfig } from "../client/kubeconfig.ts";

/** Writes the administrator's kubeconfig, readable by its owner alone. Throws an error that names the path. */
export async function writeAdminKubeconfig(path: string, server: string, pki: ClusterPki): Promise<void> {
  const text = renderKubeconfig({
    name: "default",
    server,
    caPem: pki.authority.certificatePem,
    certificatePem: pki.admin.certificatePem,
    keyPem: pki.admin.keyPem,
  });
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFileAtomic(path, text, 0o600);
  } catch (error) {
    const why = messageOf(error);
    throw new Error(`Kubeconfig ${path} cannot be written (${why}): name another with --write-kubeconfig`, {
      cause: error,
    });
  }
}

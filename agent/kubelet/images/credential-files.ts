import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { V1Secret } from "../../../supervisor/api/generated/types.ts";

/** Where the kubelet looks for credentials of the whole node, first its own folder. */
export function credentialFiles(dataDir: string): string[] {
  return [
    join(dataDir, "config.json"),
    "/var/lib/kubelet/config.json",
    join(homedir(), ".docker/config.json"),
  ];
}

/** What these files hold, as Secrets of the same form; those that cannot be read are left out, as by the kubelet. */
export function readCredentialFiles(paths: readonly string[]): V1Secret[] {
  return paths.flatMap((path): V1Secret[] => {
    try {
      const text = readFileSync(path).toString("base64");
      return [{ type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": text } }];
    } catch {
      return [];
    }
  });
}

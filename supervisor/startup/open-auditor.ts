import { readFile } from "node:fs/promises";
import { AuditLog } from "../apiserver/audit/audit-log.ts";
import { parseAuditPolicy } from "../apiserver/audit/audit-policy.ts";
import { Auditor } from "../apiserver/audit/auditor.ts";
import type { Clock } from "../base/clock.ts";
import type { AuditSettings } from "../base/config/supervisor-settings.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/logging.ts";

/** Opens the audit log. Throws an error that names the flag whose value is no good. */
export async function openAuditor(
  { policyPath, logPath, ...limits }: AuditSettings,
  services: { readonly clock: Clock; readonly logger: Logger },
): Promise<Auditor> {
  const policy = await readFile(policyPath, "utf8")
    .then(parseAuditPolicy)
    .catch((error: unknown) => {
      throw unusable(`--audit-policy-file ${policyPath}`, error);
    });
  try {
    return new Auditor(policy, new AuditLog({ path: logPath, ...limits, ...services }), services.clock);
  } catch (error) {
    throw unusable(`--audit-log-path ${logPath}`, error);
  }
}

function unusable(flag: string, error: unknown): Error {
  return new Error(`Cannot use ${flag}: ${messageOf(error)}`, {
    cause: error,
  });
}

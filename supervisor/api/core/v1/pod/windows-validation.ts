/** Validation of what only Pods on Windows have, with the texts of kubernetes `pkg/apis/core/validation`. */
import { type FieldError, invalidField } from "../../../../apimachinery/field-error.ts";
import { checkFormat } from "../../../../apimachinery/validation/field-checks.ts";
import { checkDnsSubdomain } from "../../../../apimachinery/validation/formats.ts";
import type { V1PodSpec, V1WindowsSecurityContextOptions } from "../../../generated/types.ts";
import { eachContainer } from "./each-container.ts";

const maxSpecKib = 64;
const maxDomainLength = 256;
const maxUserLength = 104;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const controls = /[\x00-\x1f\x7f]/;
const netBiosName = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const dnsName =
  /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;

export function validateWindowsOptions(
  options: V1WindowsSecurityContextOptions | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (options === undefined) return;
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options;
  if (gmsaCredentialSpecName !== undefined) {
    checkFormat(errors, `${path}.gmsaCredentialSpecName`, gmsaCredentialSpecName, checkDnsSubdomain);
  }
  if (gmsaCredentialSpec !== undefined) {
    const refuse = (why: string) =>
      errors.push(invalidField(`${path}.gmsaCredentialSpec`, gmsaCredentialSpec, why));
    if (gmsaCredentialSpec === "") refuse("gmsaCredentialSpec cannot be an empty string");
    else if (Buffer.byteLength(gmsaCredentialSpec) > maxSpecKib * 1024) {
      refuse(`gmsaCredentialSpec size must be under ${maxSpecKib} KiB`);
    }
  }
  if (runAsUserName === undefined) return;
  for (const why of userNameComplaints(runAsUserName)) {
    errors.push(invalidField(`${path}.runAsUserName`, runAsUserName, why));
  }
}

function userNameComplaints(name: string): readonly string[] {
  if (name === "") return ["runAsUserName cannot be an empty string"];
  if (controls.test(name)) return ["runAsUserName cannot contain control characters"];
  const parts = name.split("\\");
  if (parts.length > 2) return ["runAsUserName cannot contain more than one backslash"];
  const user = parts.at(-1) ?? "";
  const domain = parts.length === 2 ? (parts[0] ?? "") : undefined;
  const complaints: string[] = [];
  if (domain !== undefined && domain.length >= maxDomainLength) {
    complaints.push(`runAsUserName's Domain length must be under ${maxDomainLength} characters`);
  }
  if (domain !== undefined && !netBiosName.test(domain) && !dnsName.test(domain)) {
    complaints.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  }
  if (user === "") complaints.push("runAsUserName's User cannot be empty");
  else if (user.length > maxUserLength) {
    complaints.push(`runAsUserName's User length must not be longer than ${maxUserLength} characters`);
  }
  if (/^[. ]+$/.test(user)) complaints.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    complaints.push(`runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`);
  }
  return complaints;
}

/** Either all containers of a Pod are processes of the host, or none is. */
export function validateHostProcess(spec: V1PodSpec, path: string, errors: FieldError[]): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  let count = 0;
  let hostProcesses = 0;
  eachContainer(spec, path, (container, at) => {
    count++;
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (ofPod !== undefined && own !== undefined && own !== ofPod) {
      const detail = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
      errors.push(invalidField(`${at}.securityContext.windowsOptions.hostProcess`, own, detail));
    }
    if (own ?? ofPod) hostProcesses++;
  });
  if (hostProcesses === 0) return;
  if (hostProcesses !== count) {
    const detail =
      "If pod contains any hostProcess containers then all containers must be HostProcess containers";
    errors.push(invalidField(path, "", detail));
  }
  if (!spec.hostNetwork) {
    const detail = "hostNetwork must be true if pod contains any hostProcess containers";
    errors.push(invalidField(`${path}.hostNetwork`, false, detail));
  }
}

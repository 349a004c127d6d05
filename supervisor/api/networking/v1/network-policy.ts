/** Defaults and validation of NetworkPolicies (kubernetes `pkg/apis/networking`). */
import {
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import type { Mutable } from "../../../apimachinery/mutable.ts";
import { checkFormat } from "../../../apimachinery/validation/field-checks.ts";
import { checkPortName, checkPortNumber } from "../../../apimachinery/validation/formats.ts";
import { checkLegacyCidr, cidrWarnings, parseCidr } from "../../../apimachinery/validation/ip-formats.ts";
import { validateLabelSelector } from "../../../apimachinery/validation/label-selector.ts";
import type {
  V1IPBlock,
  V1NetworkPolicy,
  V1NetworkPolicyPeer,
  V1NetworkPolicyPort,
  V1NetworkPolicySpec,
} from "../../generated/types.ts";

const protocols = ["TCP", "UDP", "SCTP"];
const types = ["Ingress", "Egress"];

/** A port without a protocol is TCP's, and a policy is about egress where it says something of it. */
export function setNetworkPolicyDefaults(policy: { spec?: Mutable<V1NetworkPolicySpec> }): void {
  policy.spec ??= {};
  const { spec } = policy;
  spec.podSelector ??= {};
  for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
    for (const port of rule.ports ?? []) port.protocol ??= "TCP";
  }
  if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? [...types] : ["Ingress"];
}

export function validateNetworkPolicy({ spec = {} }: Pick<V1NetworkPolicy, "spec">): FieldError[] {
  const errors: FieldError[] = [];
  validateLabelSelector(spec.podSelector, "spec.podSelector", errors);
  const validateRule = (
    ports: readonly V1NetworkPolicyPort[] = [],
    peers: readonly V1NetworkPolicyPeer[] = [],
    path: string,
    what: string,
  ) => {
    ports.forEach((port, index) => {
      validatePort(port, `${path}.ports[${index}]`, errors);
    });
    peers.forEach((peer, index) => {
      validatePeer(peer, `${path}.${what}[${index}]`, errors);
    });
  };
  (spec.ingress ?? []).forEach(({ ports, from }, index) => {
    validateRule(ports, from, `spec.ingress[${index}]`, "from");
  });
  (spec.egress ?? []).forEach(({ ports, to }, index) => {
    validateRule(ports, to, `spec.egress[${index}]`, "to");
  });
  const { policyTypes = [] } = spec;
  if (policyTypes.length > types.length) {
    errors.push(invalidField("spec.policyTypes", policyTypes, "may not specify more than two policyTypes"));
    return errors;
  }
  policyTypes.forEach((type, index) => {
    if (!types.includes(type)) errors.push(notSupportedField(`spec.policyTypes[${index}]`, type, types));
  });
  return errors;
}

function validatePort({ protocol, port, endPort }: V1NetworkPolicyPort, path: string, errors: FieldError[]) {
  if (protocol !== undefined && !protocols.includes(protocol)) {
    errors.push(notSupportedField(`${path}.protocol`, protocol, protocols));
  }
  const endPath = `${path}.endPort`;
  if (typeof port === "number") {
    for (const message of checkPortNumber(port)) errors.push(invalidField(`${path}.port`, port, message));
    if (endPort === undefined) return;
    if (endPort < port) {
      errors.push(invalidField(endPath, port, "must be greater than or equal to `port`"));
    }
    for (const message of checkPortNumber(endPort)) errors.push(invalidField(endPath, endPort, message));
    return;
  }
  if (endPort !== undefined) {
    const why = port === undefined ? "not specified" : "non-numeric";
    errors.push(invalidField(endPath, endPort, `may not be specified when \`port\` is ${why}`));
  }
  if (port !== undefined) checkFormat(errors, `${path}.port`, port, checkPortName);
}

function validatePeer(peer: V1NetworkPolicyPeer, path: string, errors: FieldError[]): void {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  validateLabelSelector(podSelector, `${path}.podSelector`, errors);
  validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`, errors);
  if (ipBlock !== undefined) validateBlock(ipBlock, `${path}.ipBlock`, errors);
  const count = [podSelector, namespaceSelector, ipBlock].filter((part) => part !== undefined).length;
  if (count === 0) errors.push(requiredField(path, "must specify a peer"));
  else if (count > 1 && ipBlock !== undefined) {
    errors.push(forbiddenField(path, "may not specify both ipBlock and another peer"));
  }
}

function validateBlock({ cidr, except = [] }: V1IPBlock, path: string, errors: FieldError[]): void {
  if (!cidr) return void errors.push(requiredField(`${path}.cidr`));
  checkFormat(errors, `${path}.cidr`, cidr, checkLegacyCidr);
  const outer = parseCidr(cidr);
  if (outer === undefined) return;
  except.forEach((text, index) => {
    const place = `${path}.except[${index}]`;
    checkFormat(errors, place, text, checkLegacyCidr);
    const inner = parseCidr(text);
    if (inner === undefined) return;
    const isWithin = inner.family === outer.family && inner.first >= outer.first && inner.last <= outer.last;
    if (isWithin && inner.prefixLength > outer.prefixLength) return;
    errors.push(invalidField(place, text, "must be a strict subset of `cidr`"));
  });
}

/** Networks that are written in another form than their usual one. */
export function networkPolicyWarnings({ spec = {} }: Pick<V1NetworkPolicy, "spec">): string[] {
  const ofPeers = (peers: readonly V1NetworkPolicyPeer[] = [], path: string) =>
    peers.flatMap(({ ipBlock }, index) => {
      const place = `${path}[${index}].ipBlock`;
      const { cidr = "", except = [] } = ipBlock ?? {};
      const excepted = except.flatMap((text, at) => cidrWarnings(text, `${place}.except[${at}]`));
      return [...cidrWarnings(cidr, `${place}.cidr`), ...excepted];
    });
  return [
    ...(spec.ingress ?? []).flatMap(({ from }, index) => ofPeers(from, `spec.ingress[${index}].from`)),
    ...(spec.egress ?? []).flatMap(({ to }, index) => ofPeers(to, `spec.egress[${index}].to`)),
  ];
}

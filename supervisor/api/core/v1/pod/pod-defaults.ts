/** The defaults of Pods (kubernetes `pkg/apis/core/v1/defaults.go`). */

import type { Mutable } from "../../../../apimachinery/mutable.ts";
import type {
  V1Container,
  V1EphemeralContainer,
  V1PodSpec,
  V1PodTemplateSpec,
  V1Probe,
  V1ResourceRequirements,
} from "../../../generated/types.ts";
import { isOvercommitAllowed, isPodLevelResource } from "../resource-names.ts";
import { setVolumeDefaults } from "../volume/volume-defaults.ts";
import { defaultPullPolicy } from "./default-pull-policy.ts";
import { podRequests } from "./pod-resources.ts";

type PodSpec = Mutable<V1PodSpec>;
type AnyContainer = Mutable<V1Container> | Mutable<V1EphemeralContainer>;

/** What a Pod is given beyond what its spec would be given within a template (`SetDefaults_Pod`). */
export function setPodDefaults(spec: PodSpec): void {
  setPodSpecDefaults(spec);
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    const { limits } = container.resources ?? {};
    if (limits !== undefined) {
      container.resources = {
        ...container.resources,
        requests: { ...limits, ...container.resources?.requests },
      };
    }
    if (spec.hostNetwork) for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
  }
  if (spec.resources !== undefined) setPodLevelResources(spec, spec.resources);
  spec.enableServiceLinks ??= true;
}

/** What a Pod asks for as a whole follows from its containers where it says only a part of it. */
function setPodLevelResources(spec: PodSpec, resources: Mutable<V1ResourceRequirements>): void {
  const { limits = {} } = resources;
  if (Object.keys(limits).length === 0) return;
  const requests: Record<string, string> = { ...resources.requests };
  const { containers, initContainers = [] } = spec;
  for (const [name, aggregate] of Object.entries(podRequests({ spec: { containers, initContainers } }))) {
    if (name in requests || !isPodLevelResource(name) || !isOvercommitAllowed(name)) continue;
    requests[name] = aggregate;
  }
  for (const name of Object.keys(limits)) {
    if (!(name in requests) && isPodLevelResource(name)) requests[name] = limits[name] ?? "0";
  }
  if (Object.keys(requests).length > 0) resources.requests = requests;
}

/** Takes away fields of features that 1.36 has switched off, as upstream does without a word. */
function dropDisabledFields(spec: PodSpec): void {
  delete spec.schedulingGroup;
  for (const { projected } of spec.volumes ?? []) {
    for (const source of projected?.sources ?? []) {
      delete source.clusterTrustBundle;
      delete source.podCertificate;
    }
  }
}

/** The defaults of a Pod's spec, also within a template (`SetDefaults_PodSpec`). */
function setPodSpecDefaults(spec: PodSpec): void {
  dropDisabledFields(spec);
  spec.restartPolicy ||= "Always";
  spec.dnsPolicy ||= "ClusterFirst";
  spec.schedulerName ||= "default-scheduler";
  spec.terminationGracePeriodSeconds ??= 30;
  spec.securityContext ??= {};
  // Two names of one field: the older one follows the newer.
  spec.serviceAccountName ||= spec.serviceAccount ?? "";
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  else delete spec.serviceAccountName;
  for (const container of spec.containers ?? []) setContainerDefaults(container);
  for (const container of spec.initContainers ?? []) setContainerDefaults(container);
  for (const container of spec.ephemeralContainers ?? []) setContainerDefaults(container);
  for (const volume of spec.volumes ?? []) setVolumeDefaults(volume);
}

/** The defaults of a template's Pods; a template without a spec has an empty one. */
export function setPodTemplateDefaults(template: Mutable<V1PodTemplateSpec>): void {
  template.spec ??= { containers: [] };
  setPodSpecDefaults(template.spec);
}

function setContainerDefaults(container: AnyContainer): void {
  container.imagePullPolicy ||= defaultPullPolicy(container.image ?? "");
  container.terminationMessagePath ||= "/dev/termination-log";
  container.terminationMessagePolicy ||= "File";
  container.resources ??= {};
  for (const port of container.ports ?? []) port.protocol ||= "TCP";
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef) valueFrom.fieldRef.apiVersion ||= "v1";
    if (valueFrom?.resourceFieldRef) valueFrom.resourceFieldRef.divisor ??= "0";
    if (valueFrom?.fileKeyRef) valueFrom.fileKeyRef.optional ??= false;
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (probe) setProbeDefaults(probe);
  }
  for (const hook of [container.lifecycle?.postStart, container.lifecycle?.preStop]) {
    if (hook?.httpGet) setHttpGetDefaults(hook.httpGet);
  }
}

function setProbeDefaults(probe: Mutable<V1Probe>): void {
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  if (probe.httpGet) setHttpGetDefaults(probe.httpGet);
  if (probe.grpc) probe.grpc.service ??= "";
}

function setHttpGetDefaults(action: { path?: string; scheme?: string }): void {
  action.path ||= "/";
  action.scheme ||= "HTTP";
}

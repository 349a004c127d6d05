import type { V1Binding } from "../../api/generated/types.ts";
import type { Labels } from "../../apimachinery/labels.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import type { Pod } from "../../registry/core/pod/pod-strategy.ts";
import type { ObjectCache } from "../storage/object-cache.ts";
import type { AdmissionPlugin } from "./admission.ts";

const topologyLabels = ["topology.kubernetes.io/region", "topology.kubernetes.io/zone"];

/** Where a Node is; undefined where its labels do not say. */
export function topologyOf(labels: Labels): Labels | undefined {
  const found = topologyLabels.flatMap((label) => {
    const value = labels[label];
    return value === undefined ? [] : [[label, value] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** A Pod knows by its labels where its Node is (kubernetes `plugin/pkg/admission/podtopologylabels`). */
export function podTopologyLabels(nodes: ObjectCache<Labels>): AdmissionPlugin {
  return {
    name: "PodTopologyLabels",
    admit({ operation, context, object }) {
      const { group, resource } = context.store.definition;
      if (operation !== "CREATE" || object === undefined || group !== "" || resource !== "pods") return;
      const nodeName = nodeNameIn(object, context.info.subresource);
      const topology = nodeName === undefined ? undefined : nodes.get(nodeName);
      if (topology !== undefined) object.metadata.labels = { ...topology, ...object.metadata.labels };
    },
  };
}

/** The node that a Pod is made or bound for. Decoding has made the one a Pod, the other a Binding. */
function nodeNameIn(object: ApiObject, subresource: string): string | undefined {
  if (subresource === "") return (object as unknown as Pod).spec?.nodeName;
  if (subresource !== "binding") return undefined;
  const { target } = object as unknown as V1Binding;
  return target.kind === "Node" ? target.name : undefined;
}

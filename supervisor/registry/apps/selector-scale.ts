import { type LabelSelector, selectorText } from "../../apimachinery/label-selector.ts";
import { scaleSubresource, valueAtPath } from "../scale.ts";

/** The scale of kinds whose Pods a structured selector names. */
export const selectorScale = scaleSubresource({
  specReplicasPath: ".spec.replicas",
  statusReplicasPath: ".status.replicas",
  selector(object) {
    // The models of these kinds have a label selector here.
    const selector = valueAtPath(object, ".spec.selector") as LabelSelector | undefined;
    return selector === undefined ? "" : (selectorText(selector) ?? "");
  },
});

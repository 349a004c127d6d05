import { expect, test } from "bun:test";
import { kindModel } from "../api/kind-model.ts";
import { apiEncoder } from "../api/message-set.ts";
import { apiVersionOf, listKindOf } from "./resource-definition.ts";
import { resourceDefinitions } from "./resource-definitions.ts";

test("every built-in kind has a protobuf form, which is found by its kind and version", () => {
  for (const definition of resourceDefinitions) {
    const { model, kind, isReview, subresources } = definition;
    const apiVersion = apiVersionOf(definition);
    expect(kindModel(apiVersion, kind)).toBe(model);
    expect(apiEncoder.has(model)).toBe(true);
    if (!isReview) expect(apiEncoder.has(kindModel(apiVersion, listKindOf(definition)) ?? "")).toBe(true);
    for (const part of Object.values(subresources)) {
      if (part.type === "part" || part.type === "connect") continue;
      const place = part.type === "action" ? definition : part;
      expect(kindModel(apiVersionOf(place), part.kind)).toBe(part.model);
      expect(apiEncoder.has(part.model)).toBe(true);
    }
  }
});

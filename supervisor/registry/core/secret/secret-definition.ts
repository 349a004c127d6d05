import { validateSecret, validateSecretUpdate } from "../../../api/core/v1/secret-validation.ts";
import type { V1Secret } from "../../../api/generated/types.ts";
import { defineResource } from "../../define-resource.ts";
import type { Typed } from "../../resource-definition.ts";
import { age, ageColumn, column, nameColumn } from "../../table.ts";

type Secret = Typed<V1Secret>;

/** Secrets (kubernetes `pkg/registry/core/secret/strategy.go`). */
export const secretDefinition = defineResource({
  group: "",
  resource: "secrets",
  kind: "Secret",
  namespaced: true,
  strategy: {
    setDefaults(secret: Secret) {
      secret.type ||= "Opaque";
      // Plain texts are for writing only: they go to `data`, where they win.
      for (const [key, text] of Object.entries(secret.stringData ?? {})) {
        secret.data ??= {};
        secret.data[key] = Buffer.from(text).toString("base64");
      }
      delete secret.stringData;
    },
    validate: (secret: Secret) => validateSecret(secret),
    validateUpdate: (secret: Secret, old: Secret) => [
      ...validateSecretUpdate(secret, old),
      ...validateSecret(secret),
    ],
  },
  table: {
    columns: [
      nameColumn,
      column("Type", "Used to facilitate programmatic handling of secret data."),
      column("Data", "The number of entries that the secret has."),
      ageColumn,
    ],
    cells(object, nowMs) {
      // Decoding made this a Secret.
      const { metadata, type = "", data = {} } = object as unknown as Secret;
      return [metadata.name ?? "", type, Object.keys(data).length, age(metadata.creationTimestamp, nowMs)];
    },
  },
  selectableFields: (secret: Secret) => ({ type: secret.type ?? "" }),
});

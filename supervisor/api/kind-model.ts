import { apiSchemas } from "./schema-set.ts";

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The model of a built-in kind: `V1Pod`, or `CoreV1Event` where several groups have the name; undefined for none. */
export function kindModel(apiVersion: string, kind: string): string | undefined {
  const [group = "", version = ""] = apiVersion.includes("/") ? apiVersion.split("/") : ["core", apiVersion];
  const name = `${capital(version)}${kind}`;
  const own = `${capital(group.split(".", 1)[0] ?? "")}${name}`;
  return [own, name].find((model) => apiSchemas.has(model));
}

import type {
  V1ConfigMap,
  V1Container,
  V1EnvFromSource,
  V1EnvVarSource,
  V1FileKeySelector,
  V1Pod,
  V1Secret,
} from "../../../supervisor/api/generated/types.ts";
import { messageOf } from "../../../supervisor/base/errors.ts";
import { ContainerStartError } from "./container-start-error.ts";
import { type DownwardContext, fieldValue, resourceValue } from "./downward-values.ts";
import { parseEnvFile } from "./env-file.ts";
import { expandVariables } from "./expand-variables.ts";

/** Where ConfigMaps and Secrets come from; undefined for one that does not exist. */
export interface ConfigSource {
  configMap(namespace: string, name: string): Promise<V1ConfigMap | undefined>;
  secret(namespace: string, name: string): Promise<V1Secret | undefined>;
}

/** Where variables come from. */
export interface VariableSource extends ConfigSource {
  /** A file of a volume; undefined for one that does not exist. */
  volumeFile(volume: string, path: string): Promise<Buffer | undefined>;
}

/** A variable's name may hold any printable ASCII character except `=` (core/v1 `EnvVar.name` since 1.34). */
const variableName = /^[ -<>-~]+$/;

interface Scope {
  readonly pod: V1Pod;
  readonly container: V1Container;
  readonly context: DownwardContext;
  readonly source: VariableSource;
}

/**
 * The container's variables: `envFrom` first, then `env` in order, where a value may use those before it and those of
 * Services as `$(NAME)`, then those of Services that it does not set (kubelet `makeEnvironmentVariables`). Throws {@link ContainerStartError} for what cannot be resolved.
 */
export async function makeEnvironment(
  pod: V1Pod,
  container: V1Container,
  context: DownwardContext,
  source: VariableSource,
  services: ReadonlyMap<string, string> = new Map(),
): Promise<Map<string, string>> {
  const scope: Scope = { pod, container, context, source };
  const variables = new Map<string, string>();
  for (const from of container.envFrom ?? []) {
    for (const [key, value] of Object.entries(await allValues(from, scope))) {
      const name = `${from.prefix ?? ""}${key}`;
      if (variableName.test(name)) variables.set(name, value);
    }
  }
  const known = { get: (name: string) => variables.get(name) ?? services.get(name) };
  for (const { name, value = "", valueFrom } of container.env ?? []) {
    const resolved = valueFrom ? await singleValue(valueFrom, scope) : expandVariables(value, known);
    if (resolved !== undefined) variables.set(name, resolved);
  }
  for (const [name, value] of services) if (!variables.has(name)) variables.set(name, value);
  return variables;
}

async function allValues(from: V1EnvFromSource, scope: Scope): Promise<Readonly<Record<string, string>>> {
  const namespace = scope.pod.metadata?.namespace ?? "default";
  if (from.configMapRef) {
    const { name = "", optional = false } = from.configMapRef;
    const map = await scope.source.configMap(namespace, name);
    if (!map && !optional) throw configError(`configmap "${name}" not found`);
    return map?.data ?? {};
  }
  if (from.secretRef) {
    const { name = "", optional = false } = from.secretRef;
    const secret = await scope.source.secret(namespace, name);
    if (!secret && !optional) throw configError(`secret "${name}" not found`);
    return Object.fromEntries(
      Object.entries(secret?.data ?? {}).map(([key, encoded]) => [key, decodeBase64(encoded)]),
    );
  }
  return {};
}

/** The value; undefined where the reference is optional and leads nowhere. */
async function singleValue(from: V1EnvVarSource, scope: Scope): Promise<string | undefined> {
  if (from.fieldRef) return fieldValue(from.fieldRef, scope.pod, scope.context);
  if (from.resourceFieldRef) {
    return resourceValue(from.resourceFieldRef, scope.container, scope.pod, scope.context);
  }
  const namespace = scope.pod.metadata?.namespace ?? "default";
  if (from.configMapKeyRef) {
    const { name = "", key, optional = false } = from.configMapKeyRef;
    const map = await scope.source.configMap(namespace, name);
    if (!map && !optional) throw configError(`configmap "${name}" not found`);
    const value = map?.data?.[key];
    if (value === undefined && !optional) {
      throw configError(`couldn't find key ${key} in ConfigMap ${namespace}/${name}`);
    }
    return value;
  }
  if (from.secretKeyRef) {
    const { name = "", key, optional = false } = from.secretKeyRef;
    const secret = await scope.source.secret(namespace, name);
    if (!secret && !optional) throw configError(`secret "${name}" not found`);
    const value = secret?.data?.[key];
    if (value === undefined && !optional) {
      throw configError(`couldn't find key ${key} in Secret ${namespace}/${name}`);
    }
    return value === undefined ? undefined : decodeBase64(value);
  }
  if (from.fileKeyRef) return await valueOfFile(from.fileKeyRef, scope);
  throw configError(`valueFrom names no source: ${Object.keys(from).join(", ")}`);
}

async function valueOfFile(
  { volumeName, path, key, optional = false }: V1FileKeySelector,
  { source }: Scope,
): Promise<string | undefined> {
  const value = await readVariable(source, volumeName, path, key);
  if (value === undefined && !optional) {
    throw configError(
      `environment variable key ${JSON.stringify(key)} not found in file ${JSON.stringify(path)}`,
    );
  }
  return value;
}

async function readVariable(
  source: VariableSource,
  volume: string,
  path: string,
  key: string,
): Promise<string | undefined> {
  try {
    const file = await source.volumeFile(volume, path);
    return file && parseEnvFile(file.toString("utf8")).get(key);
  } catch (error) {
    throw configError(`couldn't parse env file ${JSON.stringify(path)}: ${messageOf(error)}`);
  }
}

function decodeBase64(encoded: string): string {
  return Buffer.from(encoded, "base64").toString("utf8");
}

function configError(message: string): ContainerStartError {
  return new ContainerStartError("CreateContainerConfigError", message);
}

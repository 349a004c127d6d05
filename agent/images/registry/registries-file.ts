import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { isFileMissing, messageOf } from "../../../supervisor/base/errors.ts";
import type { RegistryAuth } from "../image-service.ts";
import { asObject, asText, asTextMap, type JsonObject } from "../json-shape.ts";
import {
  defaultRegistries,
  type Registries,
  type RegistryHost,
  type RegistryMirror,
  type RegistryTls,
} from "./registry-hosts.ts";

/**
 * Reads the file of private registries, in the form of k3s's `registries.yaml`: `mirrors` (endpoints and rewrites) and
 * `configs` (auth and tls). An absent file says nothing. Throws, naming the file and the key, for what is not so.
 */
export function readRegistriesFile(path: string): Registries {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (isFileMissing(error)) return defaultRegistries;
    throw new Error(`Cannot read the private registries in ${path}: ${messageOf(error)}`, { cause: error });
  }
  try {
    const { mirrors, configs, ...others } = section(parse(text) ?? {}, "the file");
    only({ ...others }, [], "the file");
    return {
      mirrors: entries(mirrors, "mirrors", mirrorOf),
      hosts: entries(configs, "configs", hostOf),
    };
  } catch (error) {
    throw new Error(`The private registries in ${path} are not understood: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function mirrorOf(value: JsonObject, key: string): RegistryMirror {
  only(value, ["endpoint", "rewrite"], key);
  const endpoints = value.endpoint ?? [];
  if (!Array.isArray(endpoints)) throw new Error(`${key}.endpoint is no list`);
  const rewrites = Object.entries(asTextMap(value.rewrite)).map(([pattern, replacement]) => ({
    pattern: new RegExp(pattern),
    replacement,
  }));
  return { endpoints: endpoints.map((each) => address(each, `${key}.endpoint`)), rewrites };
}

function address(value: unknown, key: string): string {
  const text = String(value);
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text;
  throw new Error(`${key} has ${JSON.stringify(value)}, expected an address as https://mirror.example:5000`);
}

function hostOf(value: JsonObject, key: string): RegistryHost {
  only(value, ["auth", "tls"], key);
  const auth = value.auth == null ? undefined : authOf(section(value.auth, `${key}.auth`), `${key}.auth`);
  const tls = value.tls == null ? undefined : tlsOf(section(value.tls, `${key}.tls`), `${key}.tls`);
  return { ...(auth && { auth }), ...(tls && { tls }) };
}

function authOf(value: JsonObject, key: string): RegistryAuth {
  only(value, ["username", "password", "auth"], key);
  const [name, ...rest] = Buffer.from(asText(value.auth) ?? "", "base64")
    .toString("utf8")
    .split(":");
  const username = asText(value.username) ?? name ?? "";
  if (username === "") throw new Error(`${key} names no user: give username and password, or auth`);
  return { username, password: asText(value.password) ?? rest.join(":") };
}

function tlsOf(value: JsonObject, key: string): RegistryTls {
  only(value, ["ca_file", "cert_file", "key_file", "insecure_skip_verify"], key);
  const [ca, cert, secret] = ["ca_file", "cert_file", "key_file"].map((name) => {
    const path = asText(value[name]);
    return path === undefined ? undefined : readFileSync(path, "utf8");
  });
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(secret !== undefined && { key: secret }),
    ...(value.insecure_skip_verify === true && { rejectUnauthorized: false }),
  };
}

function entries<T>(
  value: unknown,
  key: string,
  read: (value: JsonObject, key: string) => T,
): Record<string, T> {
  const all = Object.entries(section(value ?? {}, key));
  return Object.fromEntries(
    all.map(([name, each]) => [name, read(section(each ?? {}, `${key}.${name}`), `${key}.${name}`)]),
  );
}

function section(value: unknown, key: string): JsonObject {
  const object = asObject(value);
  if (object === undefined) throw new Error(`${key} is no map`);
  return object;
}

function only(value: JsonObject, known: readonly string[], key: string): void {
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const expected = known.length > 0 ? known.join(", ") : "mirrors, configs";
  throw new Error(`${key} has the unknown key "${unknown}": expected ${expected}`);
}

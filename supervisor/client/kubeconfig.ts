import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { HttpCredentials, HttpTransportOptions } from "./http-transport.ts";

/** A part of a kubeconfig file, of which nothing is known before it is asked. */
type Fields = Readonly<Record<string, unknown>>;

/** How to reach and trust a server, and who to be there, as a kubeconfig file says. */
export interface Kubeconfig {
  readonly transport: HttpTransportOptions;
  readonly namespace: string;
}

/**
 * Reads a kubeconfig file's current context, or the named one. Files that it names are found relative to it. Throws an
 * error that names the file and what it lacks; credentials by another program (`exec`) are not supported.
 */
export async function loadKubeconfig(path: string, contextName?: string): Promise<Kubeconfig> {
  const { parse } = await import("yaml");
  const root = asFields(parse(await readConfig(path), { version: "1.1" }));
  const wanted = contextName ?? text(root, "current-context") ?? "";
  const context = entry(path, root, "context", wanted);
  const cluster = entry(path, root, "cluster", text(context, "cluster") ?? "");
  const user =
    text(context, "user") === undefined ? {} : entry(path, root, "user", text(context, "user") ?? "");
  const server = text(cluster, "server");
  if (server === undefined) throw new Error(`Kubeconfig ${path} names no server for context ${wanted}`);
  const caPem = await material(path, cluster, "certificate-authority");
  const tlsServerName = text(cluster, "tls-server-name");
  return {
    transport: {
      server,
      ...(caPem === undefined ? {} : { caPem }),
      ...(tlsServerName === undefined ? {} : { tlsServerName }),
      insecureSkipTlsVerify: cluster["insecure-skip-tls-verify"] === true,
      credentials: await readCredentials(path, user),
    },
    namespace: text(context, "namespace") ?? "default",
  };
}

async function readConfig(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new Error(`Cannot read kubeconfig ${path} (${why}): name another with --kubeconfig`, {
      cause: error,
    });
  }
}

async function readCredentials(path: string, user: Fields): Promise<HttpCredentials> {
  if (user.exec !== undefined || user["auth-provider"] !== undefined) {
    throw new Error(
      `Kubeconfig ${path} gets its credentials by another program: use a certificate or a token instead`,
    );
  }
  const certificatePem = await material(path, user, "client-certificate");
  const keyPem = await material(path, user, "client-key");
  const tokenFile = text(user, "tokenFile");
  const token = text(user, "token") ?? (tokenFile && (await readNamed(path, tokenFile)).trim());
  return {
    ...(certificatePem === undefined ? {} : { certificatePem }),
    ...(keyPem === undefined ? {} : { keyPem }),
    ...(token ? { token } : {}),
  };
}

/** The named cluster, context or user of a kubeconfig's lists. */
function entry(path: string, root: Fields, kind: "cluster" | "context" | "user", name: string): Fields {
  const list = root[`${kind}s`];
  const found = (Array.isArray(list) ? list : []).map(asFields).find((item) => item.name === name);
  if (found === undefined) throw new Error(`Kubeconfig ${path} has no ${kind} ${JSON.stringify(name)}`);
  return asFields(found[kind]);
}

/** A PEM text: `<field>-data` in base64, or the file that `<field>` names. */
async function material(path: string, fields: Fields, field: string): Promise<string | undefined> {
  const data = text(fields, `${field}-data`);
  if (data !== undefined) return Buffer.from(data, "base64").toString("utf8");
  const file = text(fields, field);
  return file === undefined ? undefined : await readNamed(path, file);
}

async function readNamed(path: string, file: string): Promise<string> {
  return await readFile(resolve(dirname(path), file), "utf8");
}

function asFields(value: unknown): Fields {
  // An object of YAML: every field of it is checked where it is read.
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function text(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

export interface KubeconfigContent {
  readonly server: string;
  readonly caPem: string;
  readonly certificatePem: string;
  readonly keyPem: string;
  /** The name of cluster, user and context: `default` in k3s and here. */
  readonly name: string;
}

/** Writes a kubeconfig file's text for one server and one user by certificate. */
export function renderKubeconfig(content: KubeconfigContent): string {
  const { server, name } = content;
  const base64 = (pem: string): string => Buffer.from(pem).toString("base64");
  return `apiVersion: v1
kind: Config
clusters:
- name: ${name}
  cluster:
    server: ${server}
    certificate-authority-data: ${base64(content.caPem)}
users:
- name: ${name}
  user:
    client-certificate-data: ${base64(content.certificatePem)}
    client-key-data: ${base64(content.keyPem)}
contexts:
- name: ${name}
  context:
    cluster: ${name}
    user: ${name}
current-context: ${name}
`;
}

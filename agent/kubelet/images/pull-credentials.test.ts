import { expect, test } from "bun:test";
import type { V1Secret } from "../../../supervisor/api/generated/types.ts";
import { pullCredentials } from "./pull-credentials.ts";

function secret(auths: object): V1Secret {
  const text = JSON.stringify({ auths });
  return {
    type: "kubernetes.io/dockerconfigjson",
    data: { ".dockerconfigjson": Buffer.from(text).toString("base64") },
  };
}

function users(image: string, ...secrets: V1Secret[]): string[] {
  return pullCredentials(image, secrets).map(({ username }) => username);
}

test("pullCredentials finds a registry by host, port and path, the most specific first", () => {
  const both = secret({
    "registry.test:5000": { username: "all", password: "p" },
    "https://registry.test:5000/team/": { username: "team", password: "p" },
    "registry.test": { username: "other", password: "p" },
  });
  expect(users("registry.test:5000/team/app:1", both)).toEqual(["team", "all"]);
  expect(users("registry.test:5000/teamwork/app", both)).toEqual(["all"]);
  expect(users("registry.test:5001/app", both)).toEqual([]);
});

test("pullCredentials knows Docker Hub's names and wildcards in hosts", () => {
  expect(
    users("nginx", secret({ "https://index.docker.io/v1/": { username: "hub", password: "p" } })),
  ).toEqual(["hub"]);
  const wild = secret({ "*.registry.test": { username: "wild", password: "p" } });
  expect(users("eu.registry.test/app", wild)).toEqual(["wild"]);
  expect(users("a.eu.registry.test/app", wild)).toEqual([]);
});

test("pullCredentials decodes auth and the old kind of Secret", () => {
  const auth = Buffer.from("me:pass:word").toString("base64");
  const old: V1Secret = {
    type: "kubernetes.io/dockercfg",
    data: { ".dockercfg": Buffer.from(JSON.stringify({ "registry.test": { auth } })).toString("base64") },
  };
  expect(pullCredentials("registry.test/a", [old])).toEqual([{ username: "me", password: "pass:word" }]);
});

test("pullCredentials takes broken Secrets as empty", () => {
  const broken: V1Secret = { type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": "bm8=" } };
  expect(users("registry.test/a", broken, {}, secret({ "registry.test": null }))).toEqual([]);
});

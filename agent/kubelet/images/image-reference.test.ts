import { expect, test } from "bun:test";
import { registryPathOf, repositoryOf } from "./image-reference.ts";

test("repositoryOf leaves tag and digest out, not the registry's port", () => {
  expect(repositoryOf("nginx")).toBe("nginx");
  expect(repositoryOf("nginx:1.2")).toBe("nginx");
  expect(repositoryOf("localhost:5000/a/b")).toBe("localhost:5000/a/b");
  expect(repositoryOf("localhost:5000/a/b:v1@sha256:abc")).toBe("localhost:5000/a/b");
});

test("registryPathOf spells Docker Hub's names out", () => {
  expect(registryPathOf("nginx:1")).toEqual({ host: "docker.io", path: "library/nginx" });
  expect(registryPathOf("team/app")).toEqual({ host: "docker.io", path: "team/app" });
  expect(registryPathOf("index.docker.io/team/app")).toEqual({ host: "docker.io", path: "team/app" });
  expect(registryPathOf("ghcr.io/a/b:1")).toEqual({ host: "ghcr.io", path: "a/b" });
  expect(registryPathOf("localhost/a")).toEqual({ host: "localhost", path: "a" });
});

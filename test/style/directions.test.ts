import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

const root = join(import.meta.dir, "../..");

const probes: ReadonlyArray<{
  readonly folder: string;
  readonly imported: string;
  readonly allowed: boolean;
}> = [
  { folder: "agent/kubelet", imported: "../../../supervisor/storage/backend.ts", allowed: false },
  { folder: "agent/kubelet", imported: "../../../supervisor/apiserver/api-server.ts", allowed: false },
  { folder: "agent/kubelet", imported: "../../../supervisor/client/types.ts", allowed: true },
  { folder: "supervisor/apiserver", imported: "../../../agent/runtime/runtime.ts", allowed: false },
  { folder: "supervisor/apiserver", imported: "../../storage/backend.ts", allowed: true },
  { folder: "supervisor/apimachinery", imported: "../../storage/backend.ts", allowed: false },
  { folder: "supervisor/apimachinery", imported: "node:fs", allowed: false },
  { folder: "supervisor/controllers", imported: "../../storage/backend.ts", allowed: false },
  { folder: "supervisor/scheduler", imported: "../../apiserver/api-server.ts", allowed: false },
  { folder: "supervisor/scheduler", imported: "../../client/types.ts", allowed: true },
];

test("imports against the directions of the layout are errors, those along them are none", () => {
  const places = probes.map(({ folder, imported }) => {
    mkdirSync(join(root, folder), { recursive: true });
    const place = mkdtempSync(join(root, folder, "style-probe-"));
    writeFileSync(join(place, "probe.ts"), `import { x } from "${imported}";\nexport const y = x;\n`);
    return place;
  });
  try {
    const run = Bun.spawnSync(
      [
        process.execPath,
        "node_modules/@biomejs/biome/bin/biome",
        "lint",
        "--vcs-enabled=false",
        "--reporter=json",
        ...places,
      ],
      { cwd: root },
    );
    // The reporter's format is Biome's own; only the category and the path of each finding are read.
    const { diagnostics } = JSON.parse(run.stdout.toString()) as {
      diagnostics: ReadonlyArray<{ category: string; location: { path: string | { file: string } } }>;
    };
    const refused = diagnostics
      .filter(({ category }) => category.endsWith("noRestrictedImports"))
      .map(({ location }) => (typeof location.path === "string" ? location.path : location.path.file));
    const outcome = places.map((place) => !refused.includes(join(relative(root, place), "probe.ts")));
    expect(outcome).toEqual(probes.map(({ allowed }) => allowed));
  } finally {
    for (const place of places) rmSync(place, { recursive: true });
  }
});

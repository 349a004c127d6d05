import { posix } from "node:path";
import type { VolumeEntry } from "../../runtime/runtime.ts";
import type { Payload } from "./payload.ts";

const folderMode = 0o755;
const setGroupId = 0o2000;
/** What `fsGroup` gives a volume's group of a volume that nobody writes: files, and folders beside. */
const groupReads = 0o440;
const groupEnters = 0o110;

/**
 * The entries of a volume as the kubelet's atomic writer lays it out: the files in the folder `version`, `..data` a link
 * to that, and for each first part of a path a link into `..data`.
 */
export function volumeLayout(payload: Payload, version: string, fsGroup: number | undefined): VolumeEntry[] {
  const group = fsGroup === undefined ? {} : { group: fsGroup };
  const paths = [...payload.keys()];
  const folder = (path: string): VolumeEntry => ({
    kind: "folder",
    path,
    mode: folderModeOf(fsGroup),
    ...group,
  });
  const link = (path: string, target: string): VolumeEntry => ({ kind: "link", path, target, ...group });
  const files = [...payload].map(
    ([path, { content, mode, owner }]): VolumeEntry => ({
      kind: "file",
      path: `${version}/${path}`,
      mode: fsGroup === undefined ? mode : mode | groupReads,
      content,
      ...(owner !== undefined && { owner }),
      ...group,
    }),
  );
  const tops = [...new Set(paths.map((path) => path.split("/", 1)[0] ?? path))];
  return [
    folder(version),
    ...foldersOf(paths).map((path) => folder(`${version}/${path}`)),
    ...files,
    link("..data", version),
    ...tops.map((name) => link(name, `..data/${name}`)),
  ];
}

/** The mode of a volume's own folder, which is a tmpfs's. */
export function rootMode(fsGroup: number | undefined): number {
  return fsGroup === undefined ? 0o1777 : 0o1777 | setGroupId;
}

function folderModeOf(fsGroup: number | undefined): number {
  return fsGroup === undefined ? folderMode : folderMode | setGroupId | groupReads | groupEnters;
}

/** Every folder that a path leads through, those above first. */
function foldersOf(paths: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const path of paths) {
    const above: string[] = [];
    for (let at = posix.dirname(path); at !== "."; at = posix.dirname(at)) above.unshift(at);
    for (const folder of above) folders.add(folder);
  }
  return [...folders];
}

/** `..2026_01_02_03_04_05.678123456`: the time, and a number from `random` (0 to 1) that makes the name a new one. */
export function versionFolder(nowMs: number, random: number): string {
  const [date = "", time = ""] = new Date(nowMs).toISOString().split("T");
  const seconds = time.slice(0, "00:00:00".length).replaceAll(":", "_");
  return `..${date.replaceAll("-", "_")}_${seconds}.${String(Math.floor(random * 1e10))}`;
}

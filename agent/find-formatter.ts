/** The path of `mkfs.ext4`, which lies in root's part of the search path; undefined where there is none. */
export function findFormatter(): string | undefined {
  return Bun.which("mkfs.ext4", { PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin` }) ?? undefined;
}

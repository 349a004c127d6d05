import { dlopen } from "bun:ffi";

type Libc = ReturnType<typeof open>["symbols"];

let opened: Libc | undefined;

/** The calls of the C library that Bun has none of its own for; -1 is a failure. */
export function libc(): Libc {
  opened ??= open().symbols;
  return opened;
}

function open() {
  return dlopen("libc.so.6", {
    memfd_create: { args: ["cstring", "u32"], returns: "i32" },
    fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
    lseek: { args: ["i32", "i64", "i32"], returns: "i64" },
    fallocate: { args: ["i32", "i32", "i64", "i64"], returns: "i32" },
    madvise: { args: ["u64", "u64", "i32"], returns: "i32" },
    prlimit: { args: ["i32", "i32", "ptr", "ptr"], returns: "i32" },
    ioctl: { args: ["i32", "u64", "ptr"], returns: "i32" },
  });
}

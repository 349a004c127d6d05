import { ImageError } from "../image-service.ts";
import { readable } from "./entry.ts";

const maxNameBytes = 255;
const maxPathBytes = 4096;

/**
 * The components of an entry's path below the image's root; none for the root itself. A leading `/` and `.` mean the
 * root, as Docker reads them. Throws `invalid-image` for `..` and for names that no file system takes.
 */
export function pathComponents(path: string): readonly string[] {
  const components: string[] = [];
  if (path.length > maxPathBytes) throw refuse(path, `is longer than ${maxPathBytes} bytes`);
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name === "..") throw refuse(path, 'leads out of its parent by ".."');
    if (name.length > maxNameBytes) throw refuse(path, `has a name of more than ${maxNameBytes} bytes`);
    if (name.includes("\0")) throw refuse(path, "holds a NUL byte");
    components.push(name);
  }
  return components;
}

function refuse(path: string, why: string): ImageError {
  return new ImageError("invalid-image", `entry "${readable(path)}" ${why}`);
}

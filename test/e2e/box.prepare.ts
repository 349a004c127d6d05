import { buildBoxImage } from "../framework/box.ts";

await buildBoxImage();

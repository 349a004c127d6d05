/** The entry points of better-sqlite3 for one platform each, which its published types leave out. */
declare module "better-sqlite3/linux-x64" {
  import Database from "better-sqlite3";
  export default Database;
}

declare module "better-sqlite3/linux-arm64" {
  import Database from "better-sqlite3";
  export default Database;
}

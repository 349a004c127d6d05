/** A file that the binary carries: its path. */
declare module "*.br" {
  const path: string;
  export default path;
}

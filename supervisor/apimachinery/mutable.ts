/** The same shape with everything in it open to change: for the one who owns an object and fills it in. */
export type Mutable<T> =
  T extends ReadonlyArray<infer Item>
    ? Mutable<Item>[]
    : T extends object
      ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
      : T;

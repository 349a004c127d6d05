/** A check for a setting that is one of a few words. */
export function oneOf(...words: readonly string[]): (text: string) => void {
  return (text) => {
    if (!words.includes(text)) throw new Error(`expected ${words.join(" or ")}`);
  };
}

/** Tells on a terminal what runs and since when, until the function that it returns is called. */
export function showProgress(title: string): () => void {
  if (!process.stdout.isTTY) return () => {};
  const begin = new Date();
  const since = begin.toTimeString().slice(0, 8);
  const show = () => {
    const seconds = Math.round((Date.now() - begin.getTime()) / 1000);
    process.stdout.write(`\r\x1b[K${title}: running since ${since}, ${seconds} s`);
  };
  show();
  const timer = setInterval(show, 1000);
  return () => {
    clearInterval(timer);
    process.stdout.write("\r\x1b[K");
  };
}

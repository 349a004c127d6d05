const waiting: Array<() => void> = [];

function takeTurn(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(takeTurn);
}

/**
 * Lets other requests have their turn. Of all who wait one goes on in each turn of the event loop: however many long
 * lists are under way, a short request waits for a page of one of them.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(takeTurn);
  });
}

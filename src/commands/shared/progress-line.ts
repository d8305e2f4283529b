const everyMs = 200;

/**
 * A line on stderr that changes in place; on a terminal only. It goes with the next one, or with what is printed over
 * it.
 */
export function progressLine(): (text: string) => void {
  let shownAt = 0;
  return (text) => {
    if (!process.stderr.isTTY || performance.now() - shownAt < everyMs) return;
    shownAt = performance.now();
    process.stderr.write(`\r  ${text}\u001b[K\r`);
  };
}

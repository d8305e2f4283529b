/** The highest resident memory of this process above what it has now, in MiB: sampled. */
export function watchMemory(): () => number {
  const before = process.memoryUsage().rss;
  let peak = before;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
  return () => {
    clearInterval(timer);
    return (Math.max(peak, process.memoryUsage().rss) - before) / 2 ** 20;
  };
}

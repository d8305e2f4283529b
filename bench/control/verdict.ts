/** A line of a report: whether a limit was kept, and what was measured. */
export function verdict(met: boolean, text: string): string {
  return `${met ? 'ok    ' : 'MISSED'} ${text}`;
}

/** Shorter ones are met by chance. */
const minRun = 12;

/** Changes the texts within bytes, read as Latin-1: each run of printable ASCII, of any length. */
export function changeRuns(text: string, change: (run: string) => string): string {
  let changed = '';
  let done = 0;
  for (let start = 0; start < text.length;) {
    let end = start;
    while (end < text.length && isPrintable(text.charCodeAt(end))) end += 1;
    if (end - start >= minRun) {
      changed += text.slice(done, start) + change(text.slice(start, end));
      done = end;
    }
    start = end + 1;
  }
  return done === 0 ? text : changed + text.slice(done);
}

function isPrintable(code: number): boolean {
  return (code >= 0x20 && code <= 0x7e) || code === 9 || code === 10 || code === 13;
}

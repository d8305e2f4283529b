import { RE2JS } from 're2js';

/**
 * A regular expression that somebody else wrote: in a config file, a flag, a request to the control API, a recording.
 * It is matched in a time that grows with the text and never with the power of it, so that none can stop a process.
 */
export class UserPattern {
  readonly #pattern: RE2JS;

  /** Throws `SyntaxError` for what is none, and for what cannot be matched so: look-around and back references. */
  constructor(source: string, { multiline = false }: { multiline?: boolean } = {}) {
    try {
      this.#pattern = RE2JS.compile(RE2JS.translateRegExp(source), multiline ? RE2JS.MULTILINE : 0);
    } catch (error) {
      throw new SyntaxError(whyRefused(source), { cause: error });
    }
  }

  /** Undefined for what cannot be one. */
  static parse(source: string): UserPattern | undefined {
    try {
      return new UserPattern(source);
    } catch {
      return undefined;
    }
  }

  test(text: string): boolean {
    return this.#pattern.matcher(text).find();
  }

  /** The first match and its groups; undefined: there is none. */
  exec(text: string): readonly (string | undefined)[] | undefined {
    const matcher = this.#pattern.matcher(text);
    return matcher.find() ? groupsOf(matcher) : undefined;
  }

  /** What `text.replace(pattern, change)` does: each match is replaced, as by a `RegExp` with the flag `g`. */
  [Symbol.replace](text: string, change: (match: string, ...groups: (string | undefined)[]) => string): string {
    const matcher = this.#pattern.matcher(text);
    let replaced = '';
    let at = 0;
    while (matcher.find()) {
      const [match = '', ...groups] = groupsOf(matcher);
      replaced += text.slice(at, matcher.start()) + change(match, ...groups);
      at = matcher.end();
    }
    return at === 0 ? text : replaced + text.slice(at);
  }
}

function groupsOf(matcher: ReturnType<RE2JS['matcher']>): (string | undefined)[] {
  return Array.from({ length: matcher.groupCount() + 1 }, (_, i) => matcher.group(i) ?? undefined);
}

/** What to say of a pattern that is refused. */
export function whyRefused(source: string): string {
  try {
    new RegExp(source);
  } catch (error) {
    return `“${source}” is no regular expression: ${error instanceof Error ? error.message : 'it cannot be read'}`;
  }
  const what = /\(\?<?[=!]/.test(source)
    ? 'looks around'
    : /\\[1-9]|\\k</.test(source)
      ? 'refers back'
      : 'repeats too often, or has what no linear pattern has';
  return `“${source}” ${what}: patterns are matched in linear time, without look-around, back references and repetitions of more than 1000`;
}

/** For schemas: what is wrong with a text that is to be a pattern is said with it. */
export function checkPattern(source: string, context: { addIssue: (message: string) => void }): void {
  if (UserPattern.parse(source) === undefined) context.addIssue(whyRefused(source));
}

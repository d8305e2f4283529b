import { isSizeName } from '../request/digest/size-names.js';
import type { Replacement } from '../request/text/replacements.js';

/** Of shorter contents the size is a number like any other. */
const minSize = 16;

const member = /"([\w.$-]{1,60})"(\s*:\s*"?)(\d{2,16})(?=["\s,}\]]|$)/g;
const element = /<([\w:.-]{1,60})>(\s*)(\d{2,16})(?=\s*<)/g;

/** What was uploaded may be longer or shorter now: what answers say of its size is told anew. */
export class UploadSizes {
  /** By the recorded size; undefined: two of one size have become two. */
  readonly #live = new Map<number, number | undefined>();
  #version = 0;

  note(recorded: number, live: number): void {
    if (recorded < minSize || (recorded === live && !this.#live.has(recorded))) return;
    const known = this.#live.get(recorded);
    if (known === live) return;
    this.#live.set(recorded, this.#live.has(recorded) ? undefined : live);
    this.#version += 1;
  }

  /** Another one after each change. */
  get version(): number {
    return this.#version;
  }

  /** Where `text`, recorded, says one: in a member or an element that is called a size. */
  in(text: string): Replacement[] {
    if (this.#live.size === 0) return [];
    return [member, element].flatMap((pattern) =>
      Array.from(text.matchAll(pattern)).flatMap(({ 0: whole, 1: name = '', 3: digits = '', index }) => {
        const by = isSizeName(name) ? this.#told(digits) : undefined;
        const end = index + whole.length;
        return by === undefined ? [] : [{ start: end - digits.length, end, by }];
      }),
    );
  }

  /** The value of a header. `isAlone`: no body comes with it whose length it would be. */
  header(name: string, value: string, isAlone: boolean): string {
    if (this.#live.size === 0) return value;
    const lower = name.toLowerCase();
    if (lower === 'content-length' ? isAlone : isSizeName(lower) || lower === 'upload-offset')
      return this.#told(value) ?? value;
    // how much has come, as registries say: `Range: 0-599`
    const [, start = '', last = ''] = (lower === 'range' && /^(?:bytes=)?(0-)(\d+)$/.exec(value)) || [];
    const by = last === '' ? undefined : this.#told(String(Number(last) + 1));
    return by === undefined ? value : value.replace(`${start}${last}`, `${start}${Number(by) - 1}`);
  }

  #told(digits: string): string | undefined {
    return /^\d{2,16}$/.test(digits) ? this.#live.get(Number(digits))?.toString() : undefined;
  }
}

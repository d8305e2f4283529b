/** What an archive holds at one of its places, but for when and by whom it was put there. */
export interface ArchiveEntry {
  name: string;
  /** What else it says that means something: its mode, its kind, where it links to. Values are never empty. */
  attributes: readonly (readonly [name: string, value: string])[];
  content: Buffer;
}

/** Archives of more entries, or that grow past so many bytes, are compared by their bytes. */
export const archiveLimits = { entries: 5000, bytes: 64 * 1024 * 1024 } as const;

/** Permissions, as octal digits. */
export function modeOf(bits: number): string {
  return (bits & 0o7777).toString(8);
}

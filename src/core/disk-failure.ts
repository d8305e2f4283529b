import { systemCode } from '../errors/index.js';

/** What a failed file operation means, in words, and what to do about it. */
interface DiskFailure {
  code: string | undefined;
  /** Continues a sentence: `the disk is full (ENOSPC)`. */
  reason: string;
  hint: string;
}

const known: Record<string, { reason: string; hint: string }> = {
  ENOSPC: { reason: 'the disk is full', hint: 'Free some space, or choose a folder on another disk.' },
  EDQUOT: { reason: 'the disk quota is used up', hint: 'Free some space, or choose a folder on another disk.' },
  EFBIG: {
    reason: 'the file would be over the size limit',
    hint: 'Raise the limit (ulimit -f), or choose another disk.',
  },
  EROFS: { reason: 'the file system is read-only', hint: 'Choose a folder that can be written.' },
  EACCES: { reason: 'permission is denied', hint: 'Give this user the right to it, or choose another folder.' },
  EPERM: {
    reason: 'the operation is not permitted',
    hint: 'Give this user the right to it, or choose another folder.',
  },
  ENOENT: { reason: 'it is not there', hint: 'Check the path.' },
  ENOTDIR: { reason: 'a part of the path is a file, not a folder', hint: 'Choose another folder.' },
  EISDIR: { reason: 'it is a folder, not a file', hint: 'Choose another path.' },
  EEXIST: { reason: 'it is there already', hint: 'Choose another path.' },
  ENAMETOOLONG: { reason: 'the path is too long', hint: 'Choose a folder with a shorter path.' },
  EMFILE: { reason: 'too many files are open', hint: 'Raise the limit (ulimit -n).' },
  ENFILE: { reason: 'too many files are open on this machine', hint: 'Close other programs.' },
  EIO: { reason: 'the disk does not work', hint: 'Check the disk, or choose a folder on another one.' },
};

export function diskFailure(error: unknown): DiskFailure {
  const code = systemCode(error);
  const { reason, hint } = (code === undefined ? undefined : known[code]) ?? {
    reason: error instanceof Error ? error.message : String(error),
    hint: 'Check the disk and the permissions, or choose another folder.',
  };
  return { code, reason: code === undefined || reason.includes(code) ? reason : `${reason} (${code})`, hint };
}

import type { Meaning } from './meaning-of-name.js';

/** What those who look for named places are handed: what names mean here, and what stands for a value. */
export interface Places {
  /** Undefined where the name names no secret. `own`: the project says so, whatever the value is. */
  meaningOf(name: string): Meaning | 'own' | undefined;
  /** What is to stand for `value` at a place of this meaning: itself, when it is no secret. */
  replace(where: string, value: string, meaning: Meaning | 'own'): string;
}

/** What some name of a secret has in it; a text without any names none by the default rules. */
export const mayNameSecret =
  /pass|pwd|psw|secret|token|key|code|auth|otp|pin|cv[vcn]|csc|cred|sess|sid|sig|hmac|jw[ts]|csrf|xsrf|bearer|cookie|mnemonic|phrase|answer|card|remember|kennwort|senha|contrase|wacht|parola|has[łl]|heslo|salasana|jelsz|motdepasse|парол|密|パス|비밀/iu;

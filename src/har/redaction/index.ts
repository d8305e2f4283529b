export { addRedaction, withMoreRedaction } from './add-options.js';
export { meaningOfName } from './by-meaning/meaning-of-name.js';
export { createRedactor } from './create-redactor.js';
export { oneTimeRedactor, redactHar } from './redact-har.js';
export {
  redactionInfo,
  redactionOptions,
  type RedactionByMeaning,
  type RedactionInfo,
  type RedactionOptions,
} from './redaction-info.js';
export { maxBodyBytes, type FoundSecret, type Redactor, type RedactorOptions } from './redactor.js';

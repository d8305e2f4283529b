export { addRedaction, withMoreRedaction } from './add-options.js';
export {
  currentRules,
  redactionInfo,
  redactionOptions,
  type RedactionInfo,
  type RedactionOptions,
} from './redaction-rules.js';
export { oneTimeRedactor, redactHar } from './redact-har.js';
export { maxBodyBytes, Redactor, type FoundSecret } from './redactor.js';

export { redactionInfo, redactionOptions, type RedactionInfo, type RedactionOptions } from './redaction-rules.js';
export { maxBodyBytes, Redactor, type FoundSecret } from './redactor.js';

export * from './model.js';
export { SessionRules } from './session-rules.js';

export * from './expectation.js';
export * from './model.js';
export { compilePredicate, type CompiledPredicate } from './predicate.js';
export { RequestFacts } from './request-facts.js';
export { SessionOverrides } from './session-overrides.js';

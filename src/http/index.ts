export * from './body.js';
export * from './content-coding.js';
export * from './exchange.js';
export * from './failure.js';
export * from './headers.js';
export * from './interceptor.js';
export * from './message.js';
export * from './tunnel-report.js';

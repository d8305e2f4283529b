import type { SessionSummary } from '../../api/schemas.js';
import { oneTimeRedactor, withMoreRedaction, type Redactor } from '../../har/redaction/index.js';
import { projectSettings } from '../../protocol/project-settings.js';

/**
 * What replaces secrets in reports on a session: by its own rules and those of the project here; undefined: nothing is
 * replaced.
 */
export function reportRedactor({ redact }: SessionSummary['session']): Redactor | undefined {
  return oneTimeRedactor(withMoreRedaction(redact, projectSettings().redact));
}

/** A summary without its secrets, for those who may read reports but no tokens. */
export function redactSummary(
  summary: SessionSummary,
  redactor: Redactor | undefined = reportRedactor(summary.session),
): SessionSummary {
  if (redactor === undefined) return summary;
  redacted(summary, redactor); // what the last request tells is a secret in the first
  return redacted(summary, redactor);
}

function redacted(summary: SessionSummary, redactor: Redactor): SessionSummary {
  const text = (value: string): string => redactor.text(value, 'text/plain');
  const request = <T extends { url: string }>(of: T): T => ({ ...of, url: redactor.url(of.url) });
  return {
    ...summary,
    misses: summary.misses.map(({ nearest, ...miss }) => ({
      ...request(miss),
      reason: text(miss.reason),
      ...(nearest === undefined
        ? {}
        : {
            nearest: {
              ...request(nearest),
              differences: nearest.differences.map(({ where, recorded, incoming }) => ({
                where,
                ...(recorded === undefined ? {} : { recorded: text(recorded) }),
                ...(incoming === undefined ? {} : { incoming: text(incoming) }),
              })),
            },
          }),
    })),
    failures: summary.failures.map((failure) => ({ ...request(failure), message: text(failure.message) })),
    warnings: summary.warnings.map((warning) => ({ ...warning, message: text(warning.message) })),
    unused: summary.unused.map(request),
    passedThrough: summary.passedThrough.map(request),
    addedFields: summary.addedFields.map(request),
  };
}

import { errorCodes } from '../../src/errors/index.js';
import { bugExitCode } from '../../src/commands/shared/report-error.js';
import { code, page, table } from './markdown.js';

/** docs/reference/errors.md */
export function errorsPage(): string {
  const all = Object.entries(errorCodes);
  return page(
    '# Errors and exit codes',
    'Every error that can be acted upon has a code that stays the same from version to version, a message with the values in it, and a hint. ' +
      'The command prints them on stderr (with `--json` as `{"error": {"code", "message", "hint", "data"}}`); the control API answers with ' +
      'them as a problem document (RFC 9457).',
    '## Exit codes',
    table(['code', 'means'], exitCodeRows()),
    '## Codes',
    table(
      ['code', 'exit', 'HTTP', 'means'],
      all.map(([name, { exitCode, httpStatus, meaning }]) => [
        code(name),
        String(exitCode),
        String(httpStatus),
        meaning,
      ]),
    ),
  );
}

function exitCodeRows(): string[][] {
  const meanings = new Map<number, string[]>([
    [0, ['Success']],
    [bugExitCode, ['A bug in proxyctl; its stack is printed']],
  ]);
  for (const [name, { exitCode }] of Object.entries(errorCodes)) {
    meanings.set(exitCode, [...(meanings.get(exitCode) ?? []), code(name)]);
  }
  const own = [...meanings].sort(([a], [b]) => a - b).map(([exit, names]) => [String(exit), names.join(', ')]);
  return [
    ...own,
    ['128 + n', 'Signal n ended CMD, or asked proxyctl to end'],
    [
      'any other',
      'CMD’s own exit code, of `exec`, `record`, `replay` and `run`. It may also be one of those above: stderr tells them apart',
    ],
  ];
}

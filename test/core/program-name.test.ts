import { expect, test } from 'vitest';
import { programName, storedCommand } from '../../src/core/program-name.js';

test.each<[string[], string | undefined]>([
  [['curl', '-H', 'Authorization: Bearer t0ken'], 'curl'],
  [['/usr/bin/curl', '-u', 'me:hunter22'], 'curl'],
  [['../scripts/end to end.sh'], 'end'],
  [['C:\\tools\\curl.exe', '--data', 'password=hunter22'], 'curl.exe'],
  [['env', 'PASSWORD=hunter22', 'curl'], 'env'],
  [['PASSWORD=hunter22', 'curl'], 'curl'],
  [['A=1', 'PATH+=/x', '/bin/sh', '-c', 'curl -u me:hunter22'], 'sh'],
  [['g++', '-DSECRET=hunter22'], 'g++'],
  [['python3.12'], 'python3.12'],
  [['größe-messen'], 'größe-messen'],
  // no array of words, but what one would type
  [['curl -u me:hunter22 https://api.example'], 'curl'],
  [['PASSWORD=hunter22 curl https://api.example'], undefined],
  [["PASSWORD='correct", "horse'", 'curl'], undefined],
  // no program at all
  [['https://me:hunter22@api.example/items?token=t0ken'], 'items'],
  [['me:hunter22@host'], 'me'],
  [['--token=hunter22'], undefined],
  [['?token=hunter22'], undefined],
  [['TOKEN=hunter22'], undefined],
  [[''], undefined],
  [[], undefined],
])('of %j the program’s name is kept: %s', (command, name) => {
  expect(programName(command)).toBe(name);
  expect(storedCommand(command)).toEqual(name === undefined ? {} : { command: [name] });
});

test('what is stored is stored again as it is', () => {
  expect(storedCommand(storedCommand(['/bin/curl', '-k']).command)).toEqual({ command: ['curl'] });
  expect(storedCommand(undefined)).toEqual({});
});

import { expect, test } from 'vitest';
import { proxyctlHome } from '../../src/config/paths.js';
import { Stack } from '../../supervisor/stack.js';
import { tempFolder } from '../helpers/temp-folder.js';

const page = 'https://dashboard.example';

test('a browser lets the pages of an origin use the control API only where that was asked for', async () => {
  await using stack = await Stack.start({ home: proxyctlHome(await tempFolder('origins')), apiOrigins: [page] });
  const { url, token } = stack.api.address;
  const preflight = async (origin: string): Promise<Response> =>
    fetch(`${url}/v1/sessions`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
  const allowed = await preflight(page);
  expect(allowed.status).toBe(204);
  expect(allowed.headers.get('access-control-allow-origin')).toBe(page);
  expect(allowed.headers.get('access-control-allow-headers')).toContain('authorization');
  expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();

  const headers = { origin: page, authorization: `Bearer ${token}` };
  const asked = await fetch(`${url}/v1/status`, { headers });
  expect(asked.status).toBe(200);
  expect(asked.headers.get('access-control-allow-origin')).toBe(page);
  const refused = await fetch(`${url}/v1/status`, { headers: { origin: page } });
  expect(refused.status).toBe(401);
  expect(refused.headers.get('access-control-allow-origin')).toBe(page); // so that the page can read why
  expect((await fetch(`${url}/v1/status`, { headers: { ...headers, origin: 'https://evil.example' } })).status).toBe(
    403,
  );
});

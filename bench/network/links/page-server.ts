import { createServer } from 'node:http';

/* `page-server.js HOST PORT`: `/N` is N bytes. */

const [, , host = '127.0.0.1', port = '8080'] = process.argv;
const block = Buffer.alloc(1024 * 1024, 'x');

createServer({ noDelay: true }, (request, response) => {
  const bytes = Math.min(block.length, Number((request.url ?? '/').slice(1)) || 0);
  response.writeHead(200, { 'content-length': bytes }).end(block.subarray(0, bytes));
}).listen(Number(port), host);

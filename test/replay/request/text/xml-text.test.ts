import { expect, test } from 'vitest';
import { parseXml } from '../../../../src/replay/request/text/xml-text.js';

test('layout, comments and declarations of XML do not show', () => {
  const compact = parseXml('<a x="1"><b>t &amp; u</b><c/></a>');
  const laidOut = parseXml(
    '<?xml version="1.0"?>\n<a\n  x=\'1\' >\n  <!-- c -->\n  <b> t &#38; u </b>\n  <c></c>\n</a>\n',
  );
  expect(laidOut).toEqual(compact);
});

test.each(['<a><b></a></b>', '<a>', 'a', '<a/><b/>', '<a', '', '<a x=1/>', 'x<a/>'])(
  '%s is no XML document',
  (text) => {
    expect(parseXml(text)).toBeUndefined();
  },
);

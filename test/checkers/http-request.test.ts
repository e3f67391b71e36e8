import assert from 'node:assert/strict';
import { encodeRequest } from '../../src/checkers/http-request.js';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const v4 = { address: '10.0.0.1', port: 80 };

describe('checkers/http-request', () => {
  it('is what keepalived sends, whose servers may have been configured for it', () => {
    assert.equal(
      text(encodeRequest({ path: '/' }, '1.0', v4)),
      'GET / HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nHost: 10.0.0.1:80\r\n\r\n',
    );
  });

  for (const [protocol, version, close] of [
    ['1.0', '1.0', false],
    ['1.0C', '1.0', true],
    ['1.0c', '1.0', true],
    ['1.1', '1.1', true],
  ] as const) {
    it(`with http_protocol ${protocol} speaks ${version} and ${close ? 'asks' : 'does not ask'} to close`, () => {
      const request = text(encodeRequest({ path: '/x?y' }, protocol, v4));
      assert.ok(request.startsWith(`GET /x?y HTTP/${version}\r\n`));
      assert.equal(request.includes('\r\nConnection: close\r\n'), close);
    });
  }

  it('names the virtual host as it is, or the address with its port', () => {
    const host = (virtualhost: string | undefined, to = v4) =>
      /Host: (.*)\r/.exec(
        text(encodeRequest({ path: '/', ...(virtualhost && { virtualhost }) }, '1.1', to)),
      )?.[1];
    assert.equal(host('www.example.com'), 'www.example.com');
    assert.equal(host('www.example.com:81'), 'www.example.com:81');
    assert.equal(host(undefined, { address: '2001:db8::1', port: 8080 }), '[2001:db8::1]:8080');
  });
});

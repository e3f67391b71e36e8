import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import type { ConnectionOptions, HttpGetConfig, TlsOptions, UrlConfig } from '../../src/checkers/config.js';
import type { ProbeResult } from '../../src/checkers/probe.js';
import { CERTIFICATE, KEY } from '../support/certificate.js';
import { eventually } from '../support/namespaces.js';
import { COMMON, connectionTo, probeOnce, SHORT_MS, useProbes } from '../support/probing.js';
import { useFolder } from '../support/scripts.js';
import { answering, hangingUp, silent, useKeepers } from '../support/zoo.js';

type Ask = {
  readonly tls?: Partial<TlsOptions>;
  readonly url?: Partial<UrlConfig>;
  readonly connection?: Partial<ConnectionOptions>;
};

const SERVER = { cert: CERTIFICATE, key: KEY };
const PAGE = answering('HTTP/1.0 200 OK\r\n\r\nhello');
const NAME = 'www.example.test';

describe('checkers/ssl-get', () => {
  const probes = useProbes();
  const keep = useKeepers();
  const folder = useFolder();
  let [caFile, keyFile] = ['', ''];
  before(() => {
    caFile = join(folder(), 'ca.pem');
    keyFile = join(folder(), 'key.pem');
    writeFileSync(caFile, CERTIFICATE);
    writeFileSync(keyFile, KEY);
  });

  const configOf = (port: number, { tls, url, connection }: Ask): HttpGetConfig => ({
    ...COMMON,
    type: 'SSL_GET',
    httpProtocol: '1.0',
    fastRecovery: false,
    connection: connectionTo(port, connection),
    tls: { enableSni: false, tlsCompliant: false, verify: false, ...tls },
    urls: [{ path: '/', statusCodes: [{ from: 200, to: 299 }], ...url }],
  });
  const ask = (port: number, ask_: Ask = {}): Promise<ProbeResult> =>
    probeOnce(probes(), configOf(port, ask_));
  const reason = async (port: number, ask_: Ask = {}): Promise<string> => {
    const result = await ask(port, ask_);
    return result.kind === 'ok' ? 'ok' : result.reason;
  };

  it('passes over TLS, whatever the certificate', async () => {
    const { port, heard } = await keep(PAGE, '127.0.0.1', SERVER);
    assert.deepEqual(await ask(port), { kind: 'ok' });
    assert.match(heard[0] ?? '', /^GET \/ HTTP\/1\.0\r\n/);
  });

  it('judges the reply as HTTP_GET does', async () => {
    const { port } = await keep(answering('HTTP/1.0 500 no\r\n\r\n'), '127.0.0.1', SERVER);
    assert.equal(await reason(port), 'status 500, wanted 200-299');
    const flat = await keep(hangingUp, '127.0.0.1', SERVER);
    assert.equal(await reason(flat.port), 'connection closed without a reply');
  });

  describe('server name', () => {
    const named = async (ask_: Ask): Promise<string | false | null> => {
      let name: string | false | null = null;
      const { port } = await keep(
        (socket) => {
          name = (socket as TLSSocket & { servername: string | false }).servername;
          PAGE(socket);
        },
        '127.0.0.1',
        SERVER,
      );
      assert.equal(await reason(port, ask_), 'ok');
      return name;
    };

    it('is sent only with enable_sni', async () => {
      assert.equal(await named({ url: { virtualhost: NAME } }), false);
      assert.equal(await named({ tls: { enableSni: true }, url: { virtualhost: NAME } }), NAME);
    });

    it('is sni_name before virtualhost, without a port, and never an address', async () => {
      const sni = { enableSni: true };
      assert.equal(
        await named({ tls: { ...sni, sniName: 'sni.test' }, url: { virtualhost: NAME } }),
        'sni.test',
      );
      assert.equal(await named({ tls: sni, url: { virtualhost: `${NAME}:8443` } }), NAME);
      assert.equal(await named({ tls: sni, url: { virtualhost: '127.0.0.1' } }), false);
      assert.equal(await named({ tls: sni }), false);
    });
  });

  describe('with tls_verify', () => {
    const verify = { verify: true };

    it('refuses a certificate no authority has signed', async () => {
      const { port } = await keep(PAGE, '127.0.0.1', SERVER);
      assert.equal(await reason(port, { tls: verify }), 'certificate: self-signed certificate');
    });

    it('takes one of the SSL block, for its own name alone', async () => {
      const { port } = await keep(PAGE, '127.0.0.1', SERVER);
      const tls = { ...verify, caFile };
      assert.equal(await reason(port, { tls, url: { virtualhost: NAME } }), 'ok');
      assert.match(
        await reason(port, { tls, url: { virtualhost: 'other.test' } }),
        /^certificate: .*other\.test/,
      );
      assert.match(await reason(port, { tls }), /^certificate: .*127\.0\.0\.1/);
    });
  });

  it('shows the client certificate of the SSL block', async () => {
    const server = { ...SERVER, requestCert: true, ca: CERTIFICATE, maxVersion: 'TLSv1.2' as const };
    const { port } = await keep(PAGE, '127.0.0.1', server);
    assert.equal(await reason(port, { tls: { certificateFile: caFile, keyFile } }), 'ok');
    assert.match(await reason(port), /^TLS: |^connection reset/);
  });

  it('cannot check without the files of the SSL block, and says which is missing', async () => {
    const { port } = await keep(PAGE, '127.0.0.1', SERVER);
    const result = await ask(port, { tls: { certificateFile: '/nowhere.pem' } });
    assert.equal(result.kind, 'unable');
    assert.match(result.kind === 'unable' ? result.reason : '', /^SSL block: ENOENT.*\/nowhere\.pem/);
  });

  describe('ending the session', () => {
    /** The type of the last TLS 1.2 record that the client sends, seen by a relay. */
    const lastRecord = async (tls: Partial<TlsOptions>): Promise<number | undefined> => {
      const server = await keep(PAGE, '127.0.0.1', { ...SERVER, maxVersion: 'TLSv1.2' });
      const relay = await keep((socket) => {
        const onward = connect(server.port, '127.0.0.1');
        onward.on('error', () => undefined);
        socket.on('data', (data) => onward.write(data));
        onward.on('data', (data) => socket.write(data));
        onward.on('end', () => socket.end());
      });
      assert.equal(await reason(relay.port, { tls }), 'ok');
      while (relay.open() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      return recordTypes(Buffer.from(relay.heard[0] ?? '', 'latin1')).at(-1);
    };
    const ALERT = 21;
    const APPLICATION_DATA = 23;

    it('sends close_notify with tls_compliant, and none without', async () => {
      assert.equal(await lastRecord({ tlsCompliant: true }), ALERT);
      assert.equal(await lastRecord({}), APPLICATION_DATA);
    });
  });

  describe('of a server that misbehaves', () => {
    it('says so when it speaks no TLS', async () => {
      const { port } = await keep(answering('HTTP/1.0 400 Bad Request\r\n\r\n'));
      assert.match(await reason(port), /^TLS: (wrong version number|packet length too long)/);
    });

    it('ends at the deadline when the handshake hangs', async () => {
      const { port } = await keep(silent);
      assert.equal(
        await reason(port, { connection: { timeoutMs: SHORT_MS } }),
        'TLS handshake not finished within 1.5 s',
      );
    });

    it('ends when the handshake is cut off', async () => {
      const { port } = await keep((socket) => socket.once('data', () => socket.destroy()));
      assert.equal(await reason(port), 'connection closed within the TLS handshake');
    });

    it('ends at the deadline when no reply comes', async () => {
      const { port } = await keep(silent, '127.0.0.1', SERVER);
      assert.equal(await reason(port, { connection: { timeoutMs: 3000 } }), 'no reply within 3 s');
    });
  });

  it('binds, marks and connects as every check does', async () => {
    let from: string | undefined;
    const { port } = await keep(
      (socket) => {
        from = socket.remoteAddress;
        PAGE(socket);
      },
      '127.0.0.1',
      SERVER,
    );
    assert.equal(await reason(port, { connection: { bindAddress: '127.0.0.7', fwmark: 5 } }), 'ok');
    assert.equal(from, '127.0.0.7');
  });

  it('leaves no socket open', async () => {
    const { port } = await keep(PAGE, '127.0.0.1', SERVER);
    const mute = await keep(silent, '127.0.0.1', SERVER);
    const before = readdirSync('/proc/self/fd').length;
    for (let i = 0; i < 3; i++) await ask(port, { tls: { tlsCompliant: i === 1 } });
    await ask(mute.port, { connection: { timeoutMs: 100 } });
    await eventually('as few as before', () => readdirSync('/proc/self/fd').length <= before);
  });
});

/** RFC 5246 §6.2.1: type, version, length, fragment. */
function recordTypes(bytes: Buffer): number[] {
  const types: number[] = [];
  for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) types.push(bytes[at] ?? 0);
  return types;
}

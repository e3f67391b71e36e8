import assert from 'node:assert/strict';
import { nftNeeds } from '../../../src/cli/doctor/needs.js';
import {
  nftFindings,
  type ScriptFacts,
  scriptFindings,
  scriptsOf,
} from '../../../src/cli/doctor/programs.js';
import { loadClean } from '../../support/config.js';
import { brief, instance, service } from '../../support/doctor.js';

const [FOLDER, FILE] = [0o040000, 0o100000];

describe('doctor: scripts', () => {
  it('are found wherever the file has one, each once for a user', () => {
    const text = `global_defs {
      notify_fifo /run/fifo
      notify_fifo_script "/bin/a fifo"
    }
    vrrp_script alive {
      script /bin/b
    }
    ${instance({ more: 'notify_master /bin/c\nnotify_backup "/bin/c again" nobody\ntrack_script {\nalive\n}' })}
    ${service({ more: 'quorum_up /bin/d', server: 'notify_down "/bin/d down"' })}`;
    const scripts = scriptsOf(loadClean(text, { machine: { hostName: 'host' } }));
    assert.deepEqual(scripts.map(({ argv, user }) => `${argv[0]} ${user}`).sort(), [
      '/bin/a undefined',
      '/bin/b undefined',
      '/bin/c nobody',
      '/bin/c undefined',
      '/bin/d undefined',
    ]);
  });

  const found = (
    uid: number,
    ...modes: readonly (readonly [path: string, mode: number, owner?: number])[]
  ) => {
    const parts = modes.map(([path, mode, owner = 0]) => ({ path, mode, uid: owner, gid: owner }));
    const script: ScriptFacts = { name: '/s/up', user: { uid, gid: uid }, parts };
    return scriptFindings([script]).map(({ what }) => what.replace('1 script(s) cannot be run: ', ''));
  };
  const folder = (mode: number) => ['/s', FOLDER | mode] as const;
  const file = (mode: number, owner = 0) => ['/s/up', FILE | mode, owner] as const;

  it('may be run by whom the bits allow', () => {
    assert.deepEqual(found(7, folder(0o755), file(0o755)), []);
    assert.deepEqual(found(7, folder(0o755), file(0o100, 7)), []);
    assert.deepEqual(found(0, folder(0o000), file(0o001)), []);
  });

  it('are kept from a user by a folder, by the file, and from root by a file without any x', () => {
    assert.deepEqual(found(7, folder(0o700), file(0o755)), ['"/s": user 7 has no permission to enter it']);
    assert.deepEqual(found(7, folder(0o755), file(0o644)), ['"/s/up": user 7 has no permission to run it']);
    assert.deepEqual(found(7, folder(0o755), file(0o655, 7)), [
      '"/s/up": user 7 has no permission to run it',
    ]);
    assert.deepEqual(found(0, folder(0o755), file(0o644)), ['"/s/up": user 0 has no permission to run it']);
  });

  it('that are not there are named, as many as fit', () => {
    const missing = Array.from({ length: 7 }, (_, i) => ({
      name: `s${i}`,
      error: `"s${i}": there is no such file`,
    }));
    const [finding] = scriptFindings(missing);
    assert.equal(finding?.severity, 'error');
    assert.match(finding?.what ?? '', /^7 script\(s\) cannot be run: "s0": .* and 2 more$/);
    assert.deepEqual(scriptFindings([]), []);
  });
});

describe('doctor: nft', () => {
  const fault = { missing: true, text: 'there is no program nft' };
  const found = (text: string, error: typeof fault | undefined = fault) =>
    brief(nftFindings(nftNeeds(loadClean(text)), error));

  it('is needed by sessions, no_accept and the synchronisation, and by nothing else', () => {
    const sessions = service({
      more: 'persistence_timeout 30\noverflow sessions 10\nsorry_server 10.0.0.20 80',
    });
    const line = 'nft: there is no program nft → apt-get install nftables';
    assert.deepEqual(found(sessions), [`error ${line}`]);
    assert.deepEqual(found(instance({ more: 'no_accept' })), [`warning ${line}`]);
    assert.deepEqual(found(`global_defs {\nlvs_sync_daemon eth0 web\n}\n${instance()}`), [`warning ${line}`]);
    assert.deepEqual(found(`${service()}${instance()}`), []);
  });

  it('works, or says why not', () => {
    const text = instance({ more: 'no_accept' });
    assert.deepEqual(found(text, { missing: false, text: 'nft list tables: not permitted' }), [
      'warning nft: nft list tables: not permitted → nft list tables',
    ]);
    assert.deepEqual(nftFindings(nftNeeds(loadClean(text)), undefined), []);
  });
});
